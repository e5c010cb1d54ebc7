import { EventMetadataSchema } from '../model/application-events.ts'
import { hashId } from '../model/digest-id.ts'
import type { LifecycleEventName } from '../model/event-types.ts'
import { objectMembers, type TextRange } from '../model/object-members.ts'
import { utf8Bytes } from '../model/utf8-bytes.ts'
import type { LifecycleEvent } from './choose-lifecycle-events.ts'
import { MAX_CALL_BYTES, MAX_MESSAGE_ID_LENGTH } from './limits.ts'

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

/** More than a person reads at Segment, and few enough that none takes long, however many members an event has. */
const MAX_PROPERTIES = 500

interface Property {
  readonly name: string
  /** As it stands in the call: `"name":value`. */
  readonly text: string
  readonly bytes: number
}

/**
 * Turns a stored lifecycle event into a call of Segment's HTTP Tracking API (`POST /v1/batch`, type `track`), the values of
 * its properties as they stand in the event. Null when it is too large even without properties. Throws for a text that is no
 * JSON.
 */
export function toTrackCall(event: LifecycleEvent, version: string): TrackCall | null {
  // The members are cut out of the text, which does not notice what is wrong with it.
  JSON.parse(event.text)
  const { text: stored } = event
  const members = membersAt(stored, stored.search(/\S/))
  const metadata = membersAt(stored, members.get('metadata')?.start)
  const data = membersAt(stored, members.get('data')?.start)
  const userId = textAt(stored, metadata.get('user_id')) ?? textAt(stored, data.get('user_id'))
  const frame = JSON.stringify({
    type: 'track',
    event: TRACK_NAMES[event.name],
    ...(userId === null ? { anonymousId: textAt(stored, metadata.get('application_name')) ?? event.tenant } : { userId }),
    messageId: messageIdOf(event.head.event_id),
    timestamp: new Date(event.head.timestamp).toISOString(),
    context: { library: { name: 'edge-event-store', version } },
  })
  const known: Property[] = []
  const others: Property[] = []
  let all = 0
  const add = (name: string, { start, end }: TextRange) => {
    all += 1
    const group = KNOWN_METADATA.has(name) ? known : others
    if (group.length < MAX_PROPERTIES && end - start < MAX_CALL_BYTES) group.push(propertyOf(name, stored.slice(start, end)))
  }
  for (const [name, range] of metadata) add(name, range)
  for (const [name, range] of data) if (isScalarAt(stored, range) && !metadata.has(name)) add(name, range)
  const properties = [...known, ...others].slice(0, MAX_PROPERTIES)
  const room = MAX_CALL_BYTES - utf8Bytes(frame) - ',"properties":{}'.length
  const kept = keepWhatFits(properties, room)
  if (kept === null) return null
  const text = `${frame.slice(0, -1)},"properties":{${kept.map((property) => property.text).join(',')}}}`
  return { text, bytes: utf8Bytes(text), left_out: all - kept.length }
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

function propertyOf(name: string, value: string): Property {
  const text = `${JSON.stringify(name)}:${value}`
  return { name, text, bytes: utf8Bytes(text) }
}

/** None where there is no object. */
function membersAt(text: string, open: number | undefined): ReadonlyMap<string, TextRange> {
  return open !== undefined && text[open] === '{' ? objectMembers(text, open) : new Map()
}

function isScalarAt(text: string, { start }: TextRange): boolean {
  return text[start] !== '{' && text[start] !== '[' && !text.startsWith('null', start)
}

/** What a member says if it is a string that is not empty. */
function textAt(text: string, range: TextRange | undefined): string | null {
  if (range === undefined || text[range.start] !== '"' || range.end - range.start === 2) return null
  return JSON.parse(text.slice(range.start, range.end)) as string
}
