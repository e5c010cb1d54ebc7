import { joinBytes } from '../model/join-bytes.ts'
import { MAX_REQUEST_BYTES } from '../model/limits.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { LINE_TYPES, NDJSON } from '../protocol/media-types.ts'

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
    if ((value?.byteLength ?? 0) < size) return joinBytes(parts)
    if (bytes > MAX_REQUEST_BYTES) {
      await reader.cancel()
      throw tooLarge()
    }
  }
}

function tooLarge(): RequestFailure {
  return new RequestFailure({
    kind: 'too-large',
    limit: 'request_bytes',
    maximum: MAX_REQUEST_BYTES,
    detail: `A request holds at most ${MAX_REQUEST_BYTES} bytes. Send the events in several requests.`,
  })
}

/** The media type of a body, without parameters and in lower case; of text, which is UTF-8. */
export function mediaTypeOf(request: Request): string {
  const [type = '', ...parameters] = (request.headers.get('Content-Type') ?? '').toLowerCase().split(';')
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('charset='))
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    throw new RequestFailure({ kind: 'unsupported-media-type', detail: 'The body is UTF-8: send charset=utf-8 or no charset.' })
  }
  return type.trim()
}

/** The form of a body of events, from its media type. */
export function eventFormatOf(request: Request): 'json' | 'ndjson' {
  const type = mediaTypeOf(request)
  if (type === 'application/json') return 'json'
  if (LINE_TYPES.includes(type)) return 'ndjson'
  const detail = `Send Content-Type: application/json, or ${NDJSON} for one event a line.`
  throw new RequestFailure({ kind: 'unsupported-media-type', detail })
}
