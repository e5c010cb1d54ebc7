import type { AuditEntry } from '../../model/audit.ts'

/** Anyone can send requests that are denied: this many a minute and isolate stand in the log one by one, of each key, and of nobody. */
export const MAX_DENIED_PER_MINUTE = 60
const MINUTE_MS = 60_000

/** Keys and subjects counted at a time; beyond that they share. */
const MAX_COUNTED = 1_000

/** Told of at a time: a queue takes a hundred messages at once. */
const MAX_TOLD = 50

/** Who sent the denied requests, as entries name it. */
export type Denied = Pick<AuditEntry, 'tenant' | 'key_id' | 'subject' | 'status'>

export interface LeftOut {
  readonly who: Denied
  readonly count: number
  /** When the minute began, Unix ms. */
  readonly since: number
}

interface Count {
  readonly who: Denied
  readonly since: number
  admitted: number
  leftOut: number
}

/** Bounds what can be written to the audit log with requests that are denied, and counts the rest. */
export class DeniedBound {
  readonly #counts = new Map<string, Count>()

  /** Whether a denied request has a place in the log; `first-left-out` is the first one that has none in its minute. */
  admit(who: Denied, now: number): 'admitted' | 'first-left-out' | 'left-out' {
    const count = this.#countOf(who, now)
    if (count.admitted < MAX_DENIED_PER_MINUTE) {
      count.admitted += 1
      return 'admitted'
    }
    count.leftOut += 1
    return count.leftOut === 1 ? 'first-left-out' : 'left-out'
  }

  /** Those left out so far, once their minute is over; each is told of once, some of them later. */
  takeLeftOut(now: number): LeftOut[] {
    const taken: LeftOut[] = []
    for (const [key, { who, leftOut, since }] of this.#counts) {
      if (now < since + MINUTE_MS || taken.length === MAX_TOLD) continue
      this.#counts.delete(key)
      if (leftOut > 0) taken.push({ who, count: leftOut, since })
    }
    return taken
  }

  #countOf({ tenant, key_id, subject, status }: Denied, now: number): Count {
    const own = JSON.stringify([tenant, key_id, subject])
    const known = this.#counts.get(own)
    if (known) return known
    const full = this.#counts.size >= MAX_COUNTED
    const key = full ? '' : own
    const shared = this.#counts.get(key)
    if (shared) return shared
    const who = full ? { tenant: null, key_id: null, subject: null, status } : { tenant, key_id, subject, status }
    const count = { who, since: now, admitted: 0, leftOut: 0 }
    this.#counts.set(key, count)
    return count
  }
}
