const counts = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const percent = new Intl.NumberFormat('en', { style: 'percent', maximumFractionDigits: 1 })

/** `12,345` */
export function formatCount(count: number): string {
  return counts.format(count)
}

/** `12.3K`, for narrow places. */
export function formatCompact(count: number): string {
  return compact.format(count)
}

/** From 0 to 1; a dash for null. */
export function formatShare(share: number | null): string {
  return share === null ? '–' : percent.format(share)
}

/** `0.4 ms`, `12 ms`, `1.24 s`, `3 m 05 s`, `2 h 10 m`, `3 d 4 h`; a dash for null. */
export function formatDuration(ms: number | null): string {
  if (ms === null || Number.isNaN(ms)) return '–'
  if (ms < 0) return `-${formatDuration(-ms)}`
  if (ms < 10) return `${Number(ms.toFixed(1))} ms`
  if (ms < 999.5) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(ms < 9_995 ? 2 : 1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${twoDigits(seconds % 60)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} m`
  const hours = Math.round(minutes / 60)
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
] as const

/** `just now`, `5 m ago`, `3 d ago`, `in 2 h`. */
export function formatRelative(at: number, now: number): string {
  const distance = Math.abs(now - at)
  const [length, unit] = UNITS.find(([length]) => distance >= length) ?? [0, '']
  if (length === 0) return 'just now'
  const text = `${Math.floor(distance / length)} ${unit}`
  return at > now ? `in ${text}` : `${text} ago`
}

const days = new Intl.DateTimeFormat('en', { year: 'numeric', month: 'short', day: 'numeric' })

const dayOfYear = new Intl.DateTimeFormat('en', { month: 'short', day: 'numeric' })

/** `Nov 22`, in the time zone of the machine. */
export function formatDay(at: number): string {
  return dayOfYear.format(at)
}

/** In the time zone of the machine, with milliseconds: `Nov 22, 2026, 14:03:07.120`. */
export function formatExact(at: number): string {
  return `${days.format(at)}, ${formatClock(at)}`
}

/** `14:03:07.120`, in the time zone of the machine. */
export function formatClock(at: number): string {
  const date = new Date(at)
  const clock = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
  return `${clock}.${String(date.getMilliseconds()).padStart(3, '0')}`
}

function twoDigits(value: number): string {
  return String(value).padStart(2, '0')
}
