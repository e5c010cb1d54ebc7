/** Beyond this the precise clock has parted from the computer's, which people and time services correct. In microseconds. */
const MAX_DRIFT = 50_000

/** A step back that is larger than this is a correction of the computer's clock, and is followed. In microseconds. */
const MAX_STEP_BACK = 1_000_000

let last = 0

/**
 * Microseconds since 1970, UTC. Rises with every call, so that the events of one process sort in the order in which they
 * were made, also where the clock ticks in milliseconds; only a correction of the computer's clock takes it back.
 */
export function nowMicros(): number {
  const wall = Date.now() * 1000
  // Not every sandbox has the precise clock.
  const precise = typeof performance === 'undefined' ? wall : Math.floor((performance.timeOrigin + performance.now()) * 1000)
  const micros = Math.abs(precise - wall) < MAX_DRIFT ? precise : wall
  last = micros <= last && last - micros < MAX_STEP_BACK ? last + 1 : micros
  return last
}

/** Python's `isoformat()` of an aware UTC time, given in microseconds since 1970: a fraction of zero is left out. */
export function isoformat(micros: number): string {
  const seconds = Math.floor(micros / 1_000_000)
  const fraction = micros - seconds * 1_000_000
  const whole = new Date(seconds * 1000).toISOString().slice(0, 19)
  return `${whole}${fraction === 0 ? '' : `.${String(fraction).padStart(6, '0')}`}+00:00`
}

/** An id as Graphite makes them: a random UUID's 32 hex digits. */
export function newId(): string {
  return crypto.randomUUID().replaceAll('-', '')
}
