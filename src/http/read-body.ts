import { MAX_REQUEST_BYTES } from '../model/limits.ts'
import { RequestFailure } from '../protocol/failure.ts'

/** Reads a request's body up to the limit, which holds while reading: a length that is not announced is counted. */
export async function readBody(request: Request): Promise<Uint8Array> {
  const encoding = request.headers.get('Content-Encoding')
  if (encoding !== null && encoding !== 'identity') {
    throw new RequestFailure({ kind: 'unsupported-media-type', detail: 'Send the body without Content-Encoding.' })
  }
  const announced = request.headers.get('Content-Length')
  if (announced !== null) {
    if (!(Number(announced) <= MAX_REQUEST_BYTES)) throw tooLarge()
    const body = new Uint8Array(await request.arrayBuffer())
    // Over a connection the length is what is read, so it cannot be exceeded; between Workers it is a header like any other.
    if (body.byteLength > MAX_REQUEST_BYTES) throw tooLarge()
    return body
  }
  if (!request.body) return new Uint8Array(0)
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MAX_REQUEST_BYTES) throw tooLarge()
    chunks.push(chunk)
  }
  const body = new Uint8Array(bytes)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.byteLength
  }
  return body
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
