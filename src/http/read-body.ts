import { MAX_REQUEST_BYTES } from '../model/limits.ts'
import { RequestFailure } from '../protocol/failure.ts'

/** Asked for at first, and then as much as there is: whoever announces much and sends little holds little memory. */
const FIRST_READ_BYTES = 256 * 1024

/** Reads a request's body up to the limit, which holds while reading: what is announced is a header like any other. */
export async function readBody({ headers, body }: Pick<Request, 'headers' | 'body'>): Promise<Uint8Array> {
  const encoding = headers.get('Content-Encoding')
  if (encoding !== null && encoding !== 'identity') {
    throw new RequestFailure({ kind: 'unsupported-media-type', detail: 'Send the body without Content-Encoding.' })
  }
  const announced = Number(headers.get('Content-Length') ?? FIRST_READ_BYTES)
  if (!(announced <= MAX_REQUEST_BYTES)) throw tooLarge()
  return body ? readCounting(body, announced) : new Uint8Array(0)
}

/** In few reads: those of the size that the runtime chooses take five times as long. */
async function readCounting(body: ReadableStream<Uint8Array>, announced: number): Promise<Uint8Array> {
  const reader = body.getReader({ mode: 'byob' })
  const parts: Uint8Array[] = []
  let bytes = 0
  for (;;) {
    // One byte more than is expected tells that the body ends there.
    const expected = announced > bytes ? announced - bytes : FIRST_READ_BYTES / 4
    const size = Math.min(expected, Math.max(bytes, FIRST_READ_BYTES), MAX_REQUEST_BYTES - bytes) + 1
    const { value } = await reader.readAtLeast(size, new Uint8Array(size))
    if (value) parts.push(value)
    bytes += value?.byteLength ?? 0
    if ((value?.byteLength ?? 0) < size) return joined(parts, bytes)
    if (bytes > MAX_REQUEST_BYTES) {
      await reader.cancel()
      throw tooLarge()
    }
  }
}

function joined(parts: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = parts
  if (parts.length === 1 && only) return only
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}

function tooLarge(): RequestFailure {
  return new RequestFailure({
    kind: 'too-large',
    limit: 'request_bytes',
    maximum: MAX_REQUEST_BYTES,
    detail: `A request holds at most ${MAX_REQUEST_BYTES} bytes. Send the events in several requests.`,
  })
}

/** The form of a body of events, from its media type. */
export function eventFormatOf(request: Request): 'json' | 'ndjson' {
  const [type = '', ...parameters] = (request.headers.get('Content-Type') ?? '').toLowerCase().split(';')
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new RequestFailure({ kind: 'unsupported-media-type', detail: 'Events are UTF-8: send charset=utf-8 or no charset.' })
  }
  switch (type.trim()) {
    case 'application/json':
      return 'json'
    case 'application/x-ndjson':
    case 'application/ndjson':
    case 'application/jsonl':
      return 'ndjson'
    default:
      throw new RequestFailure({
        kind: 'unsupported-media-type',
        detail: 'Send Content-Type: application/json, or application/x-ndjson for one event a line.',
      })
  }
}
