import { eachItem } from '../../client/paged-read.ts'
import { conversationPath } from '../../client/paths.ts'
import { Service } from '../../client/service.ts'
import type { Anonymiser } from '../../model/anonymiser.ts'

export interface ExportOptions {
  /** The running service. */
  readonly url: string
  readonly apiKey?: string | undefined
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

/**
 * The stored events, a line each as the HTTP API has them: `{"seq","cursor","recorded_at","event"}`, the event as it was sent but for
 * line breaks between its tokens. Holds two pages at most. When reading fails it ends as if there were no more, and `state` has the
 * failure: what was read before is whole.
 */
export async function* exportedLines(options: ExportOptions, state: ExportState): AsyncGenerator<string, void, undefined> {
  const { conversation, after, since, until, anonymise, signal } = options
  const service = new Service({ url: options.url, apiKey: options.apiKey })
  const read =
    conversation === undefined
      ? { path: '/v1/events', query: { since, until }, call: service.callHistory.bind(service) }
      : {
          path: conversationPath(conversation, 'events'),
          call: (request: Parameters<Service['callHistory']>[0]) => service.callConversation(request, conversation),
        }
  try {
    for await (const { seq, cursor, recorded_at, text } of eachItem({ operation: OPERATION, after, ...read }, signal)) {
      const event = anonymise ? await anonymise(text) : text
      state.events += 1
      state.cursor = cursor
      yield `${JSON.stringify({ seq, cursor, recorded_at }).slice(0, -1)},"event":${event.replaceAll(/[\r\n]/g, ' ')}}\n`
    }
  } catch (thrown) {
    state.failure = thrown
  }
}
