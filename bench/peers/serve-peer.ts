import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import pg from 'pg'
import { serveParent } from '../child.ts'
import type { PeerRequest } from '../peer-request.ts'

/**
 * As many as the load generator has connections to the server, so that no request ever waits for one. More would only make
 * PostgreSQL slower.
 */
const POOL_CONNECTIONS = 64

/** Longer than the load generator keeps an idle connection. */
const KEEP_ALIVE_MS = 600_000

/** Serves `define`'s routes with a pool of warm connections. */
export function servePeer(define: (app: Hono, pool: pg.Pool, databaseUrl: string) => Promise<void>): void {
  serveParent(async ({ databaseUrl }: PeerRequest) => {
    const pool = new pg.Pool({ connectionString: databaseUrl, max: POOL_CONNECTIONS, idleTimeoutMillis: 0 })
    // A connection that the database ends, idle or in use, would otherwise end the process.
    pool.on('error', () => undefined)
    pool.on('connect', (client) => client.on('error', () => undefined))
    const app = new Hono()
    app.onError((error, context) => context.json({ title: error.message }, 503))
    await define(app, pool, databaseUrl)
    const warm = await Promise.all(Array.from({ length: POOL_CONNECTIONS }, () => pool.connect()))
    for (const client of warm) client.release()
    const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { keepAliveTimeout: KEEP_ALIVE_MS } })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      answer: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async stop() {
        server.close()
        await pool.end()
      },
    }
  })
}
