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
  /** Of a string there; a number that is not `structural` is personal. */
  readonly text: TextKind | ((value: string) => TextKind)
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
/** Of numbers too: what the store orders and measures by. */
const NUMBER = STRUCTURAL
const TIME: Place = { text: (value) => (toUtcTimestamp(value) === null ? 'personal' : 'structural') }

/** OpenAI's roles of a message. Whatever else stands there is no role. */
const ROLES: ReadonlySet<string> = new Set(['developer', 'system', 'user', 'assistant', 'tool', 'function'])
const ROLE: Place = { text: (value) => (ROLES.has(value) ? 'structural' : 'personal') }

// What builds a place is marked as pure, so that a store without an encryption is bundled without these rules.

/** A function that a model calls or may call. */
const FUNCTION = /* @__PURE__ */ object({ name: STRUCTURAL, arguments: PERSONAL, description: PERSONAL, parameters: PERSONAL })
const TOOL = /* @__PURE__ */ object({ id: IDENTIFIER, type: STRUCTURAL, function: FUNCTION })

const MESSAGE = /* @__PURE__ */ object({
  // The author's.
  name: PERSONAL,
  message_id: IDENTIFIER,
  timestamp: TIME,
  content: PERSONAL,
  refusal: PERSONAL,
  annotations: PERSONAL,
  audio: PERSONAL,
  role: ROLE,
  is_streaming: STRUCTURAL,
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

/** A topic that a node reads or writes: its name, or an object that describes it. */
const TOPIC_DESCRIPTION: Place = {
  text: 'structural',
  members: {
    name: STRUCTURAL,
    type: STRUCTURAL,
    topic_name: STRUCTURAL,
  },
}

const COMPONENT_CONTEXT = /* @__PURE__ */ object({
  invoke_context: INVOKE_CONTEXT,
  id: IDENTIFIER,
  name: STRUCTURAL,
  type: STRUCTURAL,
  model: STRUCTURAL,
  subscribed_topics: /* @__PURE__ */ listOf(TOPIC_DESCRIPTION),
  publish_to_topics: /* @__PURE__ */ listOf(TOPIC_DESCRIPTION),
  // Before Graphite 1.0.
  assistant_id: IDENTIFIER,
  assistant_name: STRUCTURAL,
  assistant_type: STRUCTURAL,
  workflow_id: IDENTIFIER,
  workflow_name: STRUCTURAL,
  workflow_type: STRUCTURAL,
  node_id: IDENTIFIER,
  node_name: STRUCTURAL,
  node_type: STRUCTURAL,
  tool_id: IDENTIFIER,
  tool_name: STRUCTURAL,
  tool_type: STRUCTURAL,
})

const TOPIC_CONTEXT = /* @__PURE__ */ object({
  invoke_context: INVOKE_CONTEXT,
  name: STRUCTURAL,
  topic_name: STRUCTURAL,
  type: STRUCTURAL,
  offset: NUMBER,
  publisher_name: STRUCTURAL,
  publisher_type: STRUCTURAL,
  consumer_name: STRUCTURAL,
  consumer_type: STRUCTURAL,
  consumed_event_ids: IDENTIFIERS,
})

/** Messages, or the events that carried them. As JSON text it is personal as a whole. */
const PAYLOAD: Place = {
  text: 'personal',
  variant: (source) => (source('event_context')?.startsWith('{') ? eventPlaceOf(source) : MESSAGE),
  get items() {
    return PAYLOAD
  },
}

const COMPONENT_EVENT = /* @__PURE__ */ eventWith({
  event_context: COMPONENT_CONTEXT,
  data: /* @__PURE__ */ object({ input_data: PAYLOAD, output_data: PAYLOAD, error: PERSONAL, error_details: PERSONAL }),
})

const TOPIC_EVENT = /* @__PURE__ */ eventWith({ event_context: TOPIC_CONTEXT, data: PAYLOAD })

/** Of a type of the application's own. */
const OWN_EVENT = /* @__PURE__ */ eventWith({
  event_context: /* @__PURE__ */ object({ invoke_context: INVOKE_CONTEXT }),
  data: PERSONAL,
})

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
export const EVENT_PLACE: Place = { text: 'personal', variant: eventPlaceOf }

function eventPlaceOf(source: (member: string) => string | undefined): Place {
  if (source('event_context') === undefined && source('metadata')?.startsWith('{')) return APPLICATION_EVENT
  const json = source('event_type')
  const type = json?.startsWith('"') ? String(JSON.parse(json)) : ''
  if (isTopicEventType(type)) return TOPIC_EVENT
  return componentEventKind(type) ? COMPONENT_EVENT : OWN_EVENT
}

function object(members: Readonly<Record<string, Place>>): Place {
  return { text: 'personal', members }
}

/** Beside the envelope. */
function eventWith(members: Readonly<Record<string, Place>>): Place {
  return object({
    event_id: IDENTIFIER,
    event_version: STRUCTURAL,
    event_type: STRUCTURAL,
    assistant_request_id: IDENTIFIER,
    timestamp: TIME,
    ...members,
  })
}

function listOf(items: Place): Place {
  return { text: 'personal', items }
}
