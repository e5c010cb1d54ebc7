import { useSyncExternalStore } from 'react'
import { formatClock, formatExact, formatRelative } from './format.ts'

/** How often relative times are told anew, in milliseconds. */
const TICK_MS = 15_000

let now = Date.now()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

/** Unix milliseconds, told anew every quarter of a minute, to all at once. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now)
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  if (timer === undefined) {
    // Nobody was told while nobody listened.
    now = Date.now()
    timer = setInterval(tick, TICK_MS)
  }
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  now = Date.now()
  for (const listener of listeners) listener()
}

/** `5 m ago`, `in 2 h`; the exact time as its title. `at` is ISO 8601; what is no time is shown as it is. */
export function RelativeTime({ at }: { readonly at: string }) {
  const told = useNow()
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return <span>{at}</span>
  return (
    <time dateTime={at} title={`${formatExact(ms)} (${at})`}>
      {formatRelative(ms, told)}
    </time>
  )
}

/** The time of the day, for what lies close together; the exact time as its title. */
export function ClockTime({ at }: { readonly at: string }) {
  const ms = Date.parse(at)
  if (Number.isNaN(ms)) return <span>{at}</span>
  return (
    <time dateTime={at} title={`${formatExact(ms)} (${at})`}>
      {formatClock(ms)}
    </time>
  )
}

/** The exact time, in the machine's time zone. */
export function ExactTime({ at }: { readonly at: string }) {
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={at}>
      {Number.isNaN(ms) ? at : formatExact(ms)}
    </time>
  )
}
