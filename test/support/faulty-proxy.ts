import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What happens to one request on its way. */
export type Fault =
  | 'none'
  /** The connection ends before the service gets anything. */
  | 'cut before'
  /** The service answers, and its answer is lost. */
  | 'answer lost'
  /** The service answers, and half of its answer arrives. */
  | 'answer torn'
  /** The service gets nothing, and the connection stays open. */
  | 'stall'
  /** The service answers, and its answer stays on the way. */
  | 'answer stalls'
  /** The service answers after a while. */
  | 'slow'
  | '500'
  | '429'
  /** The service does what it was asked for, and answers that its answer is too large, as Neon does. */
  | '507'

export interface FaultyProxy {
  readonly url: string
  /** Of the faults that happened. */
  readonly seen: readonly Fault[]
  /** What happens to the next requests; `none` once it says no more. */
  setFaults(next: (request: { readonly method: string; readonly path: string }) => Fault): void
  close(): Promise<void>
}

const SLOW_MS = 30

/** Stands before a service and fails as it is told. */
export async function startFaultyProxy(target: string): Promise<FaultyProxy> {
  let next: (request: { method: string; path: string }) => Fault = () => 'none'
  const seen: Fault[] = []
  const server = createServer((request, response) => {
    const fault = next({ method: request.method ?? '', path: request.url ?? '' })
    seen.push(fault)
    pass(target, request, response, fault).catch(() => response.destroy())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    setFaults(faults) {
      next = faults
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function pass(target: string, request: IncomingMessage, response: ServerResponse, fault: Fault): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  switch (fault) {
    case 'cut before':
      response.destroy()
      return
    case 'stall':
      return
    case '500':
      response.writeHead(500).end('a proxy failed')
      return
    case '429':
      response.writeHead(429, { 'Retry-After': '0' }).end()
      return
    default:
  }
  const { host: _, connection: __, 'content-length': ___, ...headers } = request.headers
  const answer = await fetch(`${target}${request.url}`, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
  })
  const body = Buffer.from(await answer.arrayBuffer())
  if (fault === 'answer stalls') return
  if (fault === '507') {
    response.writeHead(507, { 'Content-Type': 'application/json' }).end('{"message":"response is too large"}')
    return
  }
  if (fault === 'answer lost') {
    response.destroy()
    return
  }
  if (fault === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS))
  const { 'content-encoding': _encoding, 'transfer-encoding': _transfer, ...kept } = Object.fromEntries(answer.headers)
  response.writeHead(answer.status, { ...kept, 'content-length': body.byteLength })
  if (fault === 'answer torn') {
    response.write(body.subarray(0, body.byteLength >> 1))
    setTimeout(() => response.destroy(), 5)
    return
  }
  response.end(body)
}
