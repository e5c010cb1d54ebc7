import { member, text } from '../../../../model/event-context.ts'
import { isRawJson, stringifyJson } from '../../../../model/json.ts'
import type { Message } from '../../../../model/message.ts'

/** A part of what a message says. Nothing is loaded and nothing is markup: an image is told of. */
export interface ContentPart {
  readonly kind: 'text' | 'json' | 'media' | 'refusal'
  readonly text: string
}

/** What a message says, in the order in which it says it. */
export function contentParts({ content, refusal, audio }: Message): ContentPart[] {
  const parts = (Array.isArray(content) ? content : [content]).map(partOf)
  const heard = text(member(audio, 'transcript'))
  const more: ContentPart[] = [
    { kind: 'media', text: audio ? `Audio${heard === null ? '' : `: ${heard}`}` : '' },
    { kind: 'refusal', text: text(refusal) ?? '' },
  ]
  return [...parts, ...more].filter((part) => part.text !== '')
}

/** A message as plain text: what it says and what it calls. */
export function plainText(
  message: Message,
  calls: readonly { readonly name: string; readonly arguments: string }[] = [],
): string {
  return [...contentParts(message).map((part) => part.text), ...calls.map((call) => `${call.name}(${call.arguments})`)].join(
    '\n\n',
  )
}

/** When a message was made, as ISO 8601; null when it does not say. */
export function messageTime({ timestamp }: Message): string | null {
  const given: unknown = timestamp
  const nanos = typeof given === 'number' && Number.isFinite(given) ? BigInt(Math.round(given)) : given
  if (typeof nanos !== 'bigint' || nanos <= 0n) return null
  const date = new Date(Number(nanos / 1_000_000n))
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

function partOf(part: unknown): ContentPart {
  if (part === null || part === undefined) return { kind: 'text', text: '' }
  if (typeof part === 'string') return { kind: 'text', text: part }
  if (typeof part !== 'object' || isRawJson(part)) return { kind: 'json', text: stringifyJson(part) }
  const said = text(member(part, 'text'))
  if (said !== null) return { kind: 'text', text: said }
  const refused = text(member(part, 'refusal'))
  if (refused !== null) return { kind: 'refusal', text: refused }
  const image = member(part, 'image_url')
  const url = text(image) ?? text(member(image, 'url'))
  if (url !== null) return { kind: 'media', text: `Image: ${addressOf(url)}` }
  const sound = member(part, 'input_audio')
  if (sound !== undefined) return { kind: 'media', text: mediaOf('Audio', text(member(sound, 'format')), member(sound, 'data')) }
  const file = member(part, 'file')
  if (file !== undefined) {
    return { kind: 'media', text: mediaOf('File', text(member(file, 'filename')), member(file, 'file_data')) }
  }
  return { kind: 'json', text: stringifyJson(part) }
}

/** The kind and size of what stands in the address itself. */
function addressOf(url: string): string {
  const [, type] = /^data:([^;,]*)/.exec(url.slice(0, 200)) ?? []
  return type === undefined ? url : `${type || 'data'}, ${sizeOf(url.length - url.indexOf(',') - 1)}`
}

function mediaOf(word: string, name: string | null, data: unknown): string {
  const size = typeof data === 'string' ? sizeOf(data.length) : null
  return [word, [name, size].filter((one) => one !== null).join(', ')].filter((one) => one !== '').join(': ')
}

/** Of a length in base64. */
function sizeOf(characters: number): string {
  const bytes = Math.round((characters * 3) / 4)
  return bytes < 1000
    ? `${bytes} B`
    : bytes < 1_000_000
      ? `${Math.round(bytes / 1000)} KB`
      : `${(bytes / 1_000_000).toFixed(1)} MB`
}
