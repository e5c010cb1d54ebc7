import type { Service } from '../../client/service.ts'
import { utf8Bytes } from '../../model/utf8-bytes.ts'
import type { ArchivedEvent } from './archive-file.ts'

export interface Restored {
  readonly recorded: number
  /** Of application events, which were there or are there now: the service does not tell these apart. */
  readonly published: number
  readonly duplicates: number
  /** Ids that stand in the store with another content; theirs was not restored. */
  readonly conflicts: readonly string[]
}

/** A request stays far below the service's 16 MiB and 5,000 events, and its answer comes soon. */
const REQUEST_BYTES = 4 * 1024 * 1024
const REQUEST_EVENTS = 1_000

/** Records events of one conversation in their order. Safe to repeat. Throws as the client does. */
export async function recordArchived(service: Service, events: readonly ArchivedEvent[]): Promise<Restored> {
  const total = { recorded: 0, published: 0, duplicates: 0, conflicts: [] as string[] }
  for (const texts of requestsOf(events)) {
    const body = `[${texts.join(',')}]`
    if (isOfAgent(texts[0] as string)) {
      const { recorded, duplicates, conflicts } = await service.record(body, {}, undefined)
      total.recorded += recorded
      total.duplicates += duplicates
      total.conflicts.push(...conflicts)
    } else {
      const request = { operation: 'publishEvents', method: 'POST', path: '/v1/publish', body } as const
      const answer = JSON.parse((await service.callHistory(request)).text) as Published
      total.published += answer.published
      total.conflicts.push(...(answer.conflicts ?? []))
    }
  }
  return total
}

interface Published {
  readonly published: number
  readonly conflicts?: readonly string[]
}

function* requestsOf(events: readonly ArchivedEvent[]): Generator<string[]> {
  let texts: string[] = []
  let bytes = 0
  for (const { text } of events) {
    const size = utf8Bytes(text)
    if (texts.length === REQUEST_EVENTS || (texts.length > 0 && bytes + size > REQUEST_BYTES)) {
      yield texts
      texts = []
      bytes = 0
    }
    texts.push(text)
    bytes += size
  }
  if (texts.length > 0) yield texts
}

/** A conversation has events of one kind: each of an agent says in which assistant request it happened. */
function isOfAgent(text: string): boolean {
  const event = JSON.parse(text) as Readonly<Record<string, unknown>>
  return typeof event.assistant_request_id === 'string' && typeof event.event_context === 'object'
}
