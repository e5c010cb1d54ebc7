import { startGateway } from '../../src/local/gateway.ts'
import { serveParent } from '../child.ts'
import { type DelayingProxy, startDelayingProxy } from './delaying-proxy.ts'

export interface NetworkRequest {
  /** The database of the store. */
  readonly databaseUrl: string
  /** Between the servers and the place of the database. */
  readonly roundTripMs: number
}

/** How the servers reach the place of the database. */
export interface Network {
  /** Of SQL over HTTP. */
  readonly gatewayUrl: string
  /** Of PostgreSQL's own protocol. */
  readonly postgresPort: number
}

/*
 * The gateway stands where Neon's does, beside the database, so that every server has the same way: the store's Worker to the
 * gateway, the peers to PostgreSQL. In a process of its own, so that it takes no turns with the load.
 */
serveParent(async ({ databaseUrl, roundTripMs }: NetworkRequest) => {
  const gateway = await startGateway({ databaseUrl })
  const direct = { gatewayUrl: gateway.url, postgresPort: Number(new URL(databaseUrl).port) }
  if (roundTripMs === 0) return { answer: direct, stop: () => gateway.close() }
  const proxies: DelayingProxy[] = []
  const through = async (port: number) => {
    const proxy = await startDelayingProxy(port, roundTripMs)
    proxies.push(proxy)
    return proxy.port
  }
  const answer: Network = {
    gatewayUrl: `http://127.0.0.1:${await through(gateway.port)}/sql`,
    postgresPort: await through(direct.postgresPort),
  }
  return {
    answer,
    async stop() {
      for (const proxy of proxies) await proxy.close()
      await gateway.close()
    },
  }
})
