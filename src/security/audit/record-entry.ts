import type { AuditEntry } from '../../model/audit.ts'
import { describeError } from '../../model/describe-error.ts'
import type { Log } from '../../model/log.ts'
import { DeniedBound, type LeftOut } from './denied-bound.ts'

export interface RecordDeps {
  /** Puts entries into the queue. */
  readonly send: (entries: readonly AuditEntry[]) => Promise<unknown>
  readonly log: Log
  /** Unix ms. */
  readonly now: () => number
  readonly newId: () => string
  readonly wait: (ms: number) => Promise<void>
}

/** Puts an entry on its way. Never fails: what the queue does not take stands in the Worker's log instead. */
export type RecordEntry = (entry: AuditEntry) => Promise<void>

/** All that an answer waits for the queue's sake. */
const LONGEST_MS = 2_000

/** Where requests were denied that the log does not list; `count` says how many. */
export const LEFT_OUT_OPERATION = 'denied requests beyond the limit of the audit log'

export function entryRecorder(deps: RecordDeps): RecordEntry {
  const bound = new DeniedBound()
  return async (entry) => {
    const entries = bound.takeLeftOut(deps.now()).map((leftOut) => leftOutEntry(leftOut, entry.request_id, deps.newId()))
    const place = entry.outcome === 'denied' ? bound.admit(entry, deps.now()) : 'admitted'
    if (place === 'first-left-out')
      deps.log('warn', 'too many denied requests: the audit log counts the rest', { request_id: entry.request_id })
    if (place === 'admitted') entries.push(entry)
    if (entries.length > 0) await send(entries, deps)
  }
}

async function send(entries: readonly AuditEntry[], { send, log, wait }: RecordDeps): Promise<void> {
  const late = wait(LONGEST_MS).then(() => Promise.reject(new Error('the queue did not answer in time')))
  try {
    await Promise.race([send(entries), late])
  } catch (cause) {
    // An entry holds no secrets, and here it is safe. It may stand in the queue too: its id tells that it is the same.
    for (const entry of entries) {
      log('error', 'an audit entry could not be queued', { entry: JSON.stringify(entry), cause: describeError(cause) })
    }
  } finally {
    late.catch(() => undefined)
  }
}

function leftOutEntry({ who, count, since }: LeftOut, requestId: string, id: string): AuditEntry {
  const { tenant, key_id, subject, status } = who
  return {
    id,
    at: new Date(since).toISOString(),
    tenant,
    key_id,
    subject,
    operation: LEFT_OUT_OPERATION,
    resource: null,
    count,
    outcome: 'denied',
    status,
    from: { address: null, country: null, colo: null, user_agent: null },
    request_id: requestId,
  }
}
