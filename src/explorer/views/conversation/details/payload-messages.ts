import { member, text } from '../../../../model/event-context.ts'
import { type EventPayload, payloadItems } from '../../../../model/event-payload.ts'
import { stringifyJson } from '../../../../model/json.ts'

/** A chat message as far as it is read by people. */
export interface ReadableMessage {
  readonly key: string
  readonly role: string
  readonly text: string
  readonly calls: readonly { readonly key: string; readonly name: string; readonly arguments: string }[]
}

/** The messages of what a component took or gave, or of what a topic carries: plain ones, or those within topic events. */
export function payloadMessages(payload: unknown): ReadableMessage[] {
  return payloadItems(payload as EventPayload).flatMap((item, index) => {
    if (item.event_context !== undefined) return payloadMessages(item.data).map((one) => ({ ...one, key: `${index}-${one.key}` }))
    return typeof item.role === 'string' ? [messageOf(item, item.role, index)] : []
  })
}

function messageOf(item: object, role: string, index: number): ReadableMessage {
  const calls = member(item, 'tool_calls')
  return {
    key: `${index}-${text(member(item, 'message_id')) ?? ''}`,
    role,
    text: contentText(member(item, 'content')) || (text(member(item, 'refusal')) ?? ''),
    calls: (Array.isArray(calls) ? calls : []).map((call, place) => {
      const called = member(call, 'function')
      return {
        key: `${place}`,
        name: text(member(called, 'name')) ?? 'tool',
        arguments: contentText(member(called, 'arguments')),
      }
    }),
  }
}

/** Text as it is; parts of text joined; anything else as JSON. */
function contentText(content: unknown): string {
  if (content === null || content === undefined) return ''
  if (typeof content === 'string') return content
  if (Array.isArray(content)) return content.map((part) => text(member(part, 'text')) ?? stringifyJson(part)).join('\n')
  return stringifyJson(content)
}
