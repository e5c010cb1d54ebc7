import { lifecycleEventId } from '../model/application-event-id.ts'
import { applicationEventHead, applicationEventLog } from '../model/application-event-log.ts'
import { type ApplicationEventFacts, checkApplicationEvent } from '../model/application-events.ts'
import { fillApplicationEvent } from '../model/fill-application-event.ts'
import { MAX_ID_LENGTH } from '../model/limits.ts'
import type { SlicedEvent } from '../model/slice.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { type AcceptedEvent, batchByConversation, type IncomingEvents } from './conversation-batches.ts'
import { checkedEvents, type EventFormat } from './incoming-events.ts'

/** What a request says of its events besides the events. */
export interface Publication {
  /** For events that name no application. */
  readonly application_name: string | null
  /** Names this request, the same in every repeat. */
  readonly idempotency_key: string | null
  /** Unix ms. */
  readonly now: number
}

export interface PublishedEvents extends IncomingEvents {
  /** In the order of the request. */
  readonly event_ids: readonly string[]
  /** Ids that say what happened, not what was sent: another text of theirs is a repeat. */
  readonly derived: ReadonlySet<string>
}

interface Identity {
  readonly id: string
  readonly derived: boolean
}

interface Identified extends Identity {
  readonly log: string
}

const encoder = new TextEncoder()

/** Cuts a body into its application events, checks them all, fills what is missing and sorts them by log. Throws before anything is stored. */
export async function readPublishedEvents(
  body: Uint8Array,
  format: EventFormat,
  publication: Publication,
): Promise<PublishedEvents> {
  const checked = checkedEvents(body, format, checkApplicationEvent)
  requireRoomForPlaces(publication.idempotency_key, checked.length)
  const identified = await Promise.all(
    checked.map(async ({ check: { facts } }, place): Promise<Identified> => {
      const identity = await identify(facts, publication.idempotency_key, place, checked.length)
      return { ...identity, log: await applicationEventLog(facts, identity.id) }
    }),
  )
  const accepted = checked.map(({ slice, check }, place) =>
    accept(slice, check.facts, identified[place] as Identified, publication),
  )
  const derivedIds = identified.filter(({ derived }) => derived).map(({ id }) => id)
  const givenIds = new Set(identified.filter(({ derived }) => !derived).map(({ id }) => id))
  return {
    ...batchByConversation(accepted),
    event_ids: identified.map(({ id }) => id),
    derived: new Set(derivedIds.filter((id) => !givenIds.has(id))),
  }
}

/** The first that there is of: the event's own id, the one that its facts give, the request's key, a new one. */
async function identify(facts: ApplicationEventFacts, key: string | null, place: number, count: number): Promise<Identity> {
  if (facts.event_id !== null) return { id: facts.event_id, derived: false }
  const id = await lifecycleEventId(facts)
  if (id !== null) return { id, derived: true }
  if (key !== null) return { id: count === 1 ? key : `${key}:${place}`, derived: false }
  return { id: crypto.randomUUID().replaceAll('-', ''), derived: false }
}

/** The digest is that of the text as it was sent: filled in again, a repeat would differ by its time. */
function accept(
  slice: SlicedEvent,
  facts: ApplicationEventFacts,
  { id, log }: Identified,
  publication: Publication,
): AcceptedEvent {
  const seconds = Math.floor(publication.now / 1000)
  const text = fillApplicationEvent(slice.text, {
    event_id: id,
    application_name: publication.application_name,
    created_timestamp: seconds,
    topic_name: facts.topic_name,
  })
  return {
    conversation_id: log,
    head: applicationEventHead(facts, id, new Date(seconds * 1000).toISOString()),
    text: encoder.encode(text),
    digest: slice.digest,
  }
}

/** Each of several events gets the key, a colon and its place. */
function requireRoomForPlaces(key: string | null, count: number): void {
  const room = count === 1 ? MAX_ID_LENGTH : MAX_ID_LENGTH - `:${count - 1}`.length
  if (key === null || key.length <= room) return
  const message = `is too long for a request of ${count} events: send at most ${room} characters`
  throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'Idempotency-Key', message }] })
}
