import type { ExchangeOptions } from '../../client/exchange.ts'
import { eachItem } from '../../client/paged-read.ts'
import { conversationPath } from '../../client/paths.ts'
import { Service, type ServiceAnswer, type ServiceRequest } from '../../client/service.ts'
import type { Anonymiser } from '../../model/anonymiser.ts'
import type { RetryOptions } from '../../model/retry.ts'
import type { Timing } from '../../model/timers.ts'

export interface ExportOptions {
  /** To the running service. */
  readonly connection: ExchangeOptions
  /** This conversation alone; else the feed of all events. */
  readonly conversation?: string | undefined
  /** A cursor of the same kind of read, exclusive. */
  readonly after?: string | undefined
  /** Bounds on the events' own timestamps, of the feed only: `since` inclusive, `until` exclusive. */
  readonly since?: string | undefined
  readonly until?: string | undefined
  /** Gives copies in the place of the events. */
  readonly anonymise?: Anonymiser | undefined
  readonly signal?: AbortSignal | undefined
}

/** How far an export has come. */
export interface ExportState {
  events: number
  /** Of the last event that was exported, to go on after; null before the first. */
  cursor: string | null
  /** What ended the reading before its end. */
  failure: unknown
}

const OPERATION = 'export'

/** Once the service has answered, an outage of some minutes is waited out: whoever has read for an hour does not begin again. */
const PATIENT: RetryOptions = { attempts: 1_000, longestDelayMs: 10_000, budgetMs: 300_000 }

/**
 * The stored events, a line each as the HTTP API has them: `{"seq","cursor","recorded_at","event"}`, the event as it was sent but for
 * line breaks between its tokens. Holds two pages at most. When reading fails it ends as if there were no more, and `state` has the
 * failure: what was read before is whole. Throws `TypeError` at once for an address that is none. `timing` is the tests' own.
 */
export function exportedLines(
  { connection, ...options }: ExportOptions,
  state: ExportState,
  timing?: Timing,
): AsyncGenerator<string, void, undefined> {
  const patient = new Service({ ...connection, retry: PATIENT }, timing)
  let service = new Service(connection, timing)
  const call = async (request: ServiceRequest): Promise<ServiceAnswer> => {
    const { conversation } = options
    const answer = await (conversation === undefined
      ? service.callHistory(request)
      : service.callConversation(request, conversation))
    service = patient
    return answer
  }
  return lines(call, options, state)
}

async function* lines(
  call: (request: ServiceRequest) => Promise<ServiceAnswer>,
  { conversation, after, since, until, anonymise, signal }: Omit<ExportOptions, 'connection'>,
  state: ExportState,
): AsyncGenerator<string, void, undefined> {
  const read =
    conversation === undefined
      ? { path: '/v1/events', query: { since, until } }
      : { path: conversationPath(conversation, 'events') }
  try {
    for await (const { seq, cursor, recorded_at, text } of eachItem({ operation: OPERATION, after, call, ...read }, signal)) {
      const event = anonymise ? await anonymise(text) : text
      state.events += 1
      state.cursor = cursor
      yield `${JSON.stringify({ seq, cursor, recorded_at }).slice(0, -1)},"event":${event.replaceAll(/[\r\n]/g, ' ')}}\n`
    }
  } catch (thrown) {
    state.failure = thrown
  }
}
