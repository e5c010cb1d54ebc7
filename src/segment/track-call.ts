import { EventMetadataSchema } from '../model/application-events.ts'
import { hashId } from '../model/digest-id.ts'
import type { LifecycleEventName } from '../model/event-types.ts'
import { isRawJson, type JsonObject, type JsonValue, parseJson, stringifyJson } from '../model/json.ts'
import type { LifecycleEvent } from './choose-lifecycle-events.ts'
import { MAX_CALL_BYTES, MAX_MESSAGE_ID_LENGTH } from './limits.ts'
import { utf8Bytes } from './pack.ts'

/** One event as Segment takes it. */
export interface TrackCall {
  /** JSON text of the `track` call, every digit of its numbers kept. */
  readonly text: string
  readonly bytes: number
  /** Properties that had to be left out so that the call is small enough. */
  readonly left_out: number
}

/** What the application SDK calls these events when it reports them to Segment. */
const TRACK_NAMES: Readonly<Record<LifecycleEventName, string>> = {
  workflow_start: 'workflow_started',
  workflow_end: 'workflow_completed',
  activity_start: 'activity_started',
  activity_end: 'activity_ended',
}

/** The metadata that every lifecycle event is about: the last to be left out. */
const KNOWN_METADATA: ReadonlySet<string> = new Set(Object.keys(EventMetadataSchema.shape))

interface Property {
  readonly name: string
  /** As it stands in the call: `"name":value`. */
  readonly text: string
  readonly bytes: number
}

/**
 * Turns a stored lifecycle event into a call of Segment's HTTP Tracking API (`POST /v1/batch`, type `track`). Null when
 * it is too large even without properties.
 */
export function toTrackCall(event: LifecycleEvent, version: string): TrackCall | null {
  const stored = membersOf(parseJson(event.text))
  const metadata = membersOf(stored.metadata)
  const data = membersOf(stored.data)
  const merged = new Map([...Object.entries(data).filter(([, value]) => isScalar(value)), ...Object.entries(metadata)])
  const userId = textOf(metadata.user_id) ?? textOf(data.user_id)
  const frame = stringifyJson({
    type: 'track',
    event: TRACK_NAMES[event.name],
    ...(userId === null ? { anonymousId: textOf(metadata.application_name) ?? event.tenant } : { userId }),
    messageId: messageIdOf(event.head.event_id),
    timestamp: new Date(event.head.timestamp).toISOString(),
    context: { library: { name: 'edge-event-store', version } },
  })
  const properties = [...merged].map(([name, value]) => propertyOf(name, value))
  const room = MAX_CALL_BYTES - utf8Bytes(frame) - ',"properties":{}'.length
  const kept = keepWhatFits(properties, room)
  if (kept === null) return null
  const text = `${frame.slice(0, -1)},"properties":{${kept.map((property) => property.text).join(',')}}}`
  return { text, bytes: utf8Bytes(text), left_out: properties.length - kept.length }
}

/** The event's id; a longer one than Segment takes is cut, and told from others by its hash. */
export function messageIdOf(eventId: string): string {
  if (eventId.length <= MAX_MESSAGE_ID_LENGTH) return eventId
  const hash = hashId(eventId)
    .map((half) => half.toString(16).padStart(8, '0'))
    .join('')
  return `${eventId.slice(0, MAX_MESSAGE_ID_LENGTH - hash.length - 1)}-${hash}`
}

/** Leaves out the largest properties until the rest fits, those of the known metadata last. */
function keepWhatFits(properties: readonly Property[], room: number): readonly Property[] | null {
  const commas = (count: number) => Math.max(count - 1, 0)
  const order = [...properties].sort(
    (a, b) => Number(KNOWN_METADATA.has(a.name)) - Number(KNOWN_METADATA.has(b.name)) || b.bytes - a.bytes,
  )
  const out = new Set<Property>()
  let bytes = properties.reduce((sum, property) => sum + property.bytes, 0)
  while (bytes + commas(order.length - out.size) > room) {
    const next = order[out.size]
    if (!next) return null
    out.add(next)
    bytes -= next.bytes
  }
  return properties.filter((property) => !out.has(property))
}

function propertyOf(name: string, value: JsonValue): Property {
  const text = `${JSON.stringify(name)}:${stringifyJson(value)}`
  return { name, text, bytes: utf8Bytes(text) }
}

function membersOf(value: JsonValue | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawJson(value) ? value : {}
}

function isScalar(value: JsonValue): boolean {
  return (value !== null && typeof value !== 'object') || isRawJson(value)
}

function textOf(value: JsonValue | undefined): string | null {
  return typeof value === 'string' && value !== '' ? value : null
}
