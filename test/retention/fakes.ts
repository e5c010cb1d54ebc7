import type { Notice } from '../../src/conversation/rpc.ts'
import type { LogFields, LogLevel } from '../../src/model/log.ts'
import { retentionMarker } from '../../src/model/retention.ts'
import type { RetentionDeps, RetentionMessage, RetentionTurn } from '../../src/retention/retain.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { batchOf } from '../conversation/samples.ts'

export const NOW = Date.UTC(2026, 2, 31, 3, 17)
export const DAYS = 30
export const MARKER = retentionMarker(NOW, DAYS)

export interface Line {
  readonly level: LogLevel
  readonly message: string
  readonly fields: LogFields | undefined
}

/** Puts events of a conversation into a history, one segment a time of recording. */
export async function fill(
  history: InMemoryHistory,
  conversation: string,
  times: readonly number[],
  tenant = 't',
): Promise<void> {
  const events = times.map((_, place) => ({ event_id: `${tenant}-${conversation}-${place + 1}`, conversation_id: conversation }))
  const { heads, body } = batchOf(events)
  await history.append([
    {
      tenant,
      conversation_id: conversation,
      segments: times.map((recorded_at, place) => ({ first_seq: place + 1, count: 1, recorded_at })),
      heads,
      events: new TextDecoder().decode(body),
    },
  ])
}

/** What a pass works with, and what it did. */
export function setUp(given: Partial<RetentionDeps> = {}) {
  const history = new InMemoryHistory()
  const lines: Line[] = []
  const notices: Notice[] = []
  const turns: RetentionTurn[] = []
  const clock = { now: NOW }
  const deps: RetentionDeps = {
    days: DAYS,
    history,
    archive: null,
    notify: async (sent) => void notices.push(...sent),
    goOn: async (turn) => void turns.push(turn),
    log: (level, message, fields) => lines.push({ level, message, fields }),
    now: () => clock.now,
    ...given,
  }
  return { deps, history, lines, notices, turns, clock }
}

export function messageOf(body: RetentionTurn): RetentionMessage & { readonly retries: number[] } {
  const retries: number[] = []
  return { body, attempts: 1, retries, retry: ({ delaySeconds }) => void retries.push(delaySeconds) }
}
