import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayConnection } from './gateway/connection.ts'
import { execute } from './gateway/execute.ts'
import { connectionFailure, failureBody, type GatewayFailure, invalidRequest } from './gateway/failure.ts'
import { readHeaders } from './gateway/headers.ts'
import { readPayload } from './gateway/payload.ts'
import { ConnectionPool } from './gateway/pool.ts'
import { readBody } from './gateway/read-body.ts'
import { listen } from './listen.ts'

export interface Gateway {
  port: number
  /** Where `neonConfig.fetchEndpoint` has to point. */
  url: string
  close(): Promise<void>
}

const DEFAULT_MAX_CONNECTIONS = 32

/** Longer than any client keeps an idle connection, so that the server never closes one that a request is on its way to. */
const KEEP_ALIVE_MS = 10 * 60_000

/**
 * Neon's SQL over HTTP in front of any PostgreSQL server, on 127.0.0.1: what `@neondatabase/serverless` speaks.
 * Fails with `PortTakenError` when `port` is given and in use.
 */
export async function startGateway(options: { databaseUrl: string; port?: number; maxConnections?: number }): Promise<Gateway> {
  const pool = new ConnectionPool(options.maxConnections ?? DEFAULT_MAX_CONNECTIONS)
  const running = new Set<Promise<void>>()
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => {
    const handled = handle(request, response, pool, options.databaseUrl).finally(() => running.delete(handled))
    running.add(handled)
  })
  await listen(server, options.port ?? 0, 'the SQL gateway')
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: `http://127.0.0.1:${port}/sql`,
    async close() {
      server.close()
      server.closeAllConnections()
      await Promise.all(running)
      await pool.close()
    },
  }
}

async function handle(request: IncomingMessage, response: ServerResponse, pool: ConnectionPool, databaseUrl: string) {
  request.on('error', () => undefined)
  response.on('error', () => undefined)
  const answer = await answerTo(request, response, pool, databaseUrl).catch((error: unknown) => {
    return invalidRequest(error instanceof Error ? error.message : String(error), 500)
  })
  if (response.destroyed) return
  const failed = 'failure' in answer
  const body = failed ? Buffer.from(failureBody(answer)) : answer.body
  response.writeHead(failed ? answer.failure.status : 200, {
    'Content-Type': 'application/json',
    'Content-Length': body.length,
    ...(failed ? undefined : answer.headers),
  })
  response.end(body)
}

async function answerTo(
  request: IncomingMessage,
  response: ServerResponse,
  pool: ConnectionPool,
  databaseUrl: string,
): Promise<{ body: Buffer; headers: Record<string, string> } | GatewayFailure> {
  if (request.method !== 'POST' || request.url !== '/sql') return invalidRequest('query is not supported')
  const options = readHeaders(request.headers, databaseUrl)
  const body = await readBody(request)
  if ('failure' in options) return options
  if ('failure' in body) return body
  const payload = readPayload(body)
  if ('failure' in payload) return payload

  let connection: GatewayConnection
  try {
    connection = await pool.acquire(options.url)
  } catch (error) {
    return connectionFailure(error instanceof Error ? error : new Error(String(error)), options.user)
  }
  let cancelled: Promise<void> | undefined
  const cancel = () => {
    cancelled ??= connection.cancel()
  }
  if (response.destroyed) {
    void pool.release(connection)
    return invalidRequest('the client is gone')
  }
  response.once('close', cancel)
  const answer = await execute(connection, payload, options)
  response.off('close', cancel)
  // Cleaning costs the next request nothing that this one should wait for; a cancel must have landed before.
  void Promise.resolve(cancelled).then(() => pool.release(connection))
  return Buffer.isBuffer(answer) ? { body: answer, headers: payload.kind === 'batch' ? options.echo : {} } : answer
}
