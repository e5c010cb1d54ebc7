import type { IncomingMessage } from 'node:http'
import { type GatewayFailure, invalidRequest } from './failure.ts'

const MAX_REQUEST_BYTES = 10 * 1024 * 1024

/** The whole body, or the refusal of one that is too large; the rest of it is read and dropped, so that the refusal arrives. */
export function readBody(request: IncomingMessage): Promise<Buffer | GatewayFailure> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    let bytes = 0
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
      if (bytes <= MAX_REQUEST_BYTES) chunks.push(chunk)
      else chunks.length = 0
    })
    request.on('end', () => {
      if (bytes > MAX_REQUEST_BYTES) resolve(invalidRequest(`request is too large (max is ${MAX_REQUEST_BYTES} bytes)`, 413))
      else resolve(Buffer.concat(chunks, bytes))
    })
    request.on('close', () => resolve(invalidRequest('the request was not sent to its end')))
  })
}
