import { harmlessText } from '../model/harmless-text.ts'
import type { SetAside } from '../model/history.ts'
import type { Log } from '../model/log.ts'

/** A line for each event that the history would not take in its place. */
export function logSetAside(events: readonly SetAside[], log: Log): void {
  for (const { tenant, conversation_id, seq, event_id, code } of events) {
    const ids = { conversation_id: harmlessText(conversation_id), seq, event_id: harmlessText(event_id) }
    log('error', 'an event was set aside: see /v1/quarantine', { tenant, ...ids, code })
  }
}
