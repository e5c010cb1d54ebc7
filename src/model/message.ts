import { newId, nowMicros } from './event-clock.ts'

/** OpenAI's `ChatCompletionRole`. */
export type MessageRole = 'developer' | 'system' | 'user' | 'assistant' | 'tool' | 'function'

export type MessageContent = string | { [member: string]: unknown } | { [member: string]: unknown }[]

export type ToolCall = {
  id: string
  type: 'function'
  function: {
    name: string
    /** JSON text, as the model wrote it. */
    arguments: string
  }
}

/**
 * A chat message as Graphite's events carry it (`Message`, which follows OpenAI's `ChatCompletionMessage`).
 *
 * Its `timestamp` is integer nanoseconds, which no JavaScript number holds exactly. What the stores read therefore has it as
 * a bigint, and so has every other integer beyond 2^53; a number that neither type holds (`1e400`, `-0`, more digits
 * than a double has) is a `RawJson`. The stores write all of them digit for digit, so an event that was read and is
 * recorded again has not changed. The language's own `JSON.parse` rounds such numbers and its `JSON.stringify` throws for
 * a bigint: use `parseJson` and `stringifyJson` in their place.
 */
export type Message = {
  name?: string | null
  message_id: string
  /** Nanoseconds since 1970. */
  timestamp: bigint | number
  content?: MessageContent | null
  refusal?: string | null
  annotations?: { [member: string]: unknown }[] | null
  audio?: { [member: string]: unknown } | null
  role: MessageRole
  /** Of a tool's answer: the id of the tool call that it answers. */
  tool_call_id?: string | null
  tools?: { [member: string]: unknown }[] | null
  function_call?: { [member: string]: unknown } | null
  tool_calls?: ToolCall[] | null
  /** Whether this is a piece of a message that is still being written. */
  is_streaming?: boolean
}

/** What `message` needs: a role. Everything else has Graphite's default. */
export type NewMessage = { role: MessageRole } & { [Member in keyof Omit<Message, 'role'>]?: Message[Member] | undefined }

/**
 * A message with all of Graphite's members in Graphite's order. A new id and the present time are filled in; what is not
 * given otherwise is null. Make a message once and pass the same one on: `message_id` is how it is recognised.
 */
export function message(given: NewMessage): Message {
  return {
    name: given.name ?? null,
    message_id: given.message_id ?? newId(),
    timestamp: given.timestamp ?? BigInt(nowMicros()) * 1000n,
    content: given.content ?? null,
    refusal: given.refusal ?? null,
    annotations: given.annotations ?? null,
    audio: given.audio ?? null,
    role: given.role,
    tool_call_id: given.tool_call_id ?? null,
    tools: given.tools ?? null,
    function_call: given.function_call ?? null,
    tool_calls: given.tool_calls ?? null,
    is_streaming: given.is_streaming ?? false,
  }
}
