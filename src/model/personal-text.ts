import { componentEventKind, isTopicEventType } from './event-types.ts'
import { toUtcTimestamp } from './timestamp.ts'

/**
 * What a string of an event is. `personal`: it may say something about people, as every string does whose place is not known.
 * `identifier`: events, requests, conversations and people are found by it. `structural`: a name, type, role or time that the
 * application's code has made.
 */
export type TextKind = 'personal' | 'identifier' | 'structural'

/** A place in an event, and what stands there. */
export interface Place {
  /** Of a string there. */
  readonly text: TextKind | ((value: string) => TextKind)
  /** Whether a number there is known; any other is personal. */
  readonly numbers?: true
  /** Of an object's members there; any other member's place is `UNKNOWN_PLACE`. */
  readonly members?: Readonly<Record<string, Place>>
  /** Of a list's items there; `UNKNOWN_PLACE` unless given. */
  readonly items?: Place
  /** Which place an object makes it; `source` gives a member's JSON text, and undefined where there is none. */
  readonly variant?: (source: (member: string) => string | undefined) => Place
}

/** Of members that nobody knows: all that such a member holds is personal, its name and the names in it included. */
export const UNKNOWN_PLACE: Place = { text: 'personal' }

/** Of a member whose name is known, and nothing of what applications put there. */
const PERSONAL = UNKNOWN_PLACE

const IDENTIFIER: Place = { text: 'identifier' }
const IDENTIFIERS: Place = { text: 'identifier', items: IDENTIFIER }
const STRUCTURAL: Place = { text: 'structural' }
/** What the store orders and measures by. */
const NUMBER: Place = { text: 'personal', numbers: true }
const TIME: Place = { text: (value) => (toUtcTimestamp(value) === null ? 'personal' : 'structural'), numbers: true }
const VERSION: Place = { text: (value) => (/^\d[\w.+-]{0,31}$/.test(value) ? 'structural' : 'personal'), numbers: true }
/** What may stand in a message that an application made of whatever it was given: a name as code has them, or nothing known. */
const WORD: Place = { text: (value) => (/^[\w.-]{1,64}$/.test(value) ? 'structural' : 'personal') }

/** OpenAI's roles of a message. Whatever else stands there is no role. */
const ROLES: ReadonlySet<string> = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function'])
const ROLE: Place = { text: (value) => (ROLES.has(value) ? 'structural' : 'personal') }

// What builds a place is marked as pure, so that a store without an encryption is bundled without these rules.

/** A function that a model calls or may call. */
const FUNCTION = /* @__PURE__ */ object({ name: WORD, arguments: PERSONAL, description: PERSONAL, parameters: PERSONAL })
const TOOL = /* @__PURE__ */ object({ id: IDENTIFIER, type: WORD, function: FUNCTION })

const MESSAGE = /* @__PURE__ */ object({
  // The author's.
  name: PERSONAL,
  message_id: IDENTIFIER,
  // Runs are told apart by it, of a message as of an event.
  event_id: IDENTIFIER,
  timestamp: TIME,
  content: PERSONAL,
  refusal: PERSONAL,
  annotations: PERSONAL,
  audio: PERSONAL,
  role: ROLE,
  is_streaming: PERSONAL,
  tool_call_id: IDENTIFIER,
  tools: /* @__PURE__ */ listOf(TOOL),
  tool_calls: /* @__PURE__ */ listOf(TOOL),
  function_call: FUNCTION,
})

const INVOKE_CONTEXT = /* @__PURE__ */ object({
  conversation_id: IDENTIFIER,
  invoke_id: IDENTIFIER,
  assistant_request_id: IDENTIFIER,
  user_id: IDENTIFIER,
  kwargs: PERSONAL,
})

/** Messages, or the events that carried them. As JSON text it is personal as a whole. */
const PAYLOAD: Place = {
  text: 'personal',
  variant: (source) => (source('event_context')?.startsWith('{') ? eventPlaceOf(source, NESTED) : MESSAGE),
  get items() {
    return PAYLOAD
  },
}

/** The events of Graphite's kinds and of others, with names as they stand there. */
function eventPlaces(name: Place) {
  /** A topic that a node reads or writes: its name, or an object that describes it. */
  const topic = { ...name, members: { name, type: name, topic_name: name } }
  const component_context = object({
    invoke_context: INVOKE_CONTEXT,
    id: IDENTIFIER,
    name,
    type: name,
    model: name,
    subscribed_topics: listOf(topic),
    publish_to_topics: listOf(topic),
    // Before Graphite 1.0.
    assistant_id: IDENTIFIER,
    assistant_name: name,
    assistant_type: name,
    workflow_id: IDENTIFIER,
    workflow_name: name,
    workflow_type: name,
    node_id: IDENTIFIER,
    node_name: name,
    node_type: name,
    tool_id: IDENTIFIER,
    tool_name: name,
    tool_type: name,
  })
  const topic_context = object({
    invoke_context: INVOKE_CONTEXT,
    name,
    topic_name: name,
    type: name,
    offset: NUMBER,
    publisher_name: name,
    publisher_type: name,
    consumer_name: name,
    consumer_type: name,
    consumed_event_ids: IDENTIFIERS,
  })
  const envelope = {
    event_id: IDENTIFIER,
    event_version: VERSION,
    event_type: name,
    assistant_request_id: IDENTIFIER,
    timestamp: TIME,
  }
  const data = object({ input_data: PAYLOAD, output_data: PAYLOAD, error: PERSONAL, error_details: PERSONAL })
  return {
    component: object({ ...envelope, event_context: component_context, data }),
    topic: object({ ...envelope, event_context: topic_context, data: PAYLOAD }),
    /** Of a type of the application's own. */
    own: object({ ...envelope, event_context: object({ invoke_context: INVOKE_CONTEXT }), data: PERSONAL }),
  }
}

/** As they are recorded: the store finds them by their names, whatever these are. */
const RECORDED = /* @__PURE__ */ eventPlaces(STRUCTURAL)
const NESTED = /* @__PURE__ */ eventPlaces(WORD)

const APPLICATION_EVENT = /* @__PURE__ */ object({
  event_id: IDENTIFIER,
  event_type: STRUCTURAL,
  event_name: STRUCTURAL,
  data: PERSONAL,
  metadata: /* @__PURE__ */ object({
    application_name: STRUCTURAL,
    user_id: IDENTIFIER,
    topic_name: STRUCTURAL,
    created_timestamp: NUMBER,
    attempt: NUMBER,
    workflow_type: STRUCTURAL,
    workflow_id: IDENTIFIER,
    workflow_run_id: IDENTIFIER,
    workflow_state: STRUCTURAL,
    activity_type: STRUCTURAL,
    activity_id: IDENTIFIER,
  }),
})

/** Where every event begins. */
export const EVENT_PLACE: Place = {
  text: 'personal',
  variant: (source) =>
    source('event_context') === undefined && source('metadata')?.startsWith('{')
      ? APPLICATION_EVENT
      : eventPlaceOf(source, RECORDED),
}

function eventPlaceOf(source: (member: string) => string | undefined, places: ReturnType<typeof eventPlaces>): Place {
  const json = source('event_type')
  const type = json?.startsWith('"') ? String(JSON.parse(json)) : ''
  if (isTopicEventType(type)) return places.topic
  return componentEventKind(type) ? places.component : places.own
}

function object(members: Readonly<Record<string, Place>>): Place {
  return { text: 'personal', members }
}

function listOf(items: Place): Place {
  return { text: 'personal', items }
}
