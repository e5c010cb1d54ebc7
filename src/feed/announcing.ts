import { describeError } from '../model/describe-error.ts'
import type { EventHistory } from '../model/history.ts'
import type { Log } from '../model/log.ts'
import { UNHEARD_MS } from './feeds.ts'

/** Says that the history of a tenant has grown. Returns at once and never throws. */
export type Announce = (tenant: string) => void

/** The history, whose every append is announced when its transaction is over: once for each tenant in it. */
export function announcing(history: EventHistory, announce: Announce): EventHistory {
  return {
    ...history,
    async append(batches) {
      const outcome = await history.append(batches)
      for (const tenant of new Set(batches.map((batch) => batch.tenant))) announce(tenant)
      return outcome
    },
  }
}

export interface AnnouncerDeps {
  /** Gives the number of readers that hear of it. */
  readonly tell: (tenant: string) => Promise<number>
  /** Lets a call go on after the request or batch that it came with. */
  readonly keepAlive: (work: Promise<unknown>) => void
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
}

/** Far longer than a call takes: the invocation that it went on with has ended, and what was to follow it never will. */
const LOST_AFTER_MS = 5_000

/** What is known of a tenant from the last call. */
interface Telling {
  since: number
  underWay: boolean
  /** There was news since it began. */
  again: boolean
  /** Until then nobody hears of news. */
  unheardUntil: number
}

/**
 * One call at a time for each tenant; news that comes meanwhile is told with one more, and where nobody hears none is told for a
 * while. News that is lost costs its readers seconds.
 */
export function announcer({ tell, keepAlive, log, now }: AnnouncerDeps): Announce {
  const tenants = new Map<string, Telling>()
  let failed = false

  async function run(tenant: string, telling: Telling): Promise<void> {
    do {
      telling.again = false
      telling.since = now()
      try {
        if ((await tell(tenant)) === 0) telling.unheardUntil = telling.since + UNHEARD_MS
      } catch (cause) {
        if (!failed)
          log('warn', 'live feeds could not be told of news; they find it by themselves', { cause: describeError(cause) })
        failed = true
      }
    } while (telling.again && telling.unheardUntil <= now())
    telling.underWay = false
    if (telling.unheardUntil <= now() && tenants.get(tenant) === telling) tenants.delete(tenant)
  }

  return (tenant) => {
    const last = tenants.get(tenant)
    if (last?.underWay && last.since + LOST_AFTER_MS > now()) {
      last.again = true
      return
    }
    if (last && last.unheardUntil > now()) return
    const telling: Telling = { since: now(), underWay: true, again: false, unheardUntil: 0 }
    tenants.set(tenant, telling)
    keepAlive(run(tenant, telling))
  }
}
