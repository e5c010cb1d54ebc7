import pg from 'pg'
import { migrate } from '../src/local/migrate.ts'
import type { PeerRequest } from './peer-request.ts'
import { startServer } from './server.ts'
import { type Services, startNetwork, startWorker, storeVars } from './services.ts'

/** What is compared: the store, two peers that do the same work, and the least that the platform needs to write a row. */
export type SystemName = 'store' | 'emmett' | 'afternoon' | 'control'

export interface System {
  readonly name: SystemName
  /** Without a slash at the end. */
  readonly url: string
  /** Its own processes. */
  readonly pids: readonly number[]
  /** The owner's connection string to its database; null for the control, which has none. */
  readonly databaseUrl: string | null
  /** Where a request with events of a conversation goes. */
  appendUrl(conversation: string): string
}

/** The systems in one setting, all on the same PostgreSQL, each with a database of its own there. */
export interface Stage {
  readonly setting: string
  readonly store: System
  /** The store and the peers. */
  readonly systems: readonly System[]
  readonly control: System | null
  /** Of SQL over HTTP, which is Neon's part and not the store's. */
  readonly gatewayPid: number
  stop(): Promise<void>
}

/** What is compared where it is only written, or read from memory. */
export function withControl({ systems, control }: Stage): readonly System[] {
  return control ? [...systems, control] : systems
}

export interface StageOptions {
  readonly setting: string
  /** The owner's connection string to any database of the server. */
  readonly databaseUrl: string
  /** Between each server and PostgreSQL. */
  readonly roundTripMs: number
  /** Where the store's objects keep their storage. */
  readonly folder: string
  /** The stage has it when the services have it. */
  readonly services?: Services
}

export async function startStage(options: StageOptions): Promise<Stage> {
  const { setting, roundTripMs, folder } = options
  const running: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of running.reverse()) await one()
  }
  try {
    const prefix = setting.replaceAll(/\W/g, '_')
    const storeUrl = await createDatabase(options.databaseUrl, `${prefix}_store`)
    await migrate({ databaseUrl: storeUrl, log: () => undefined })
    await query(storeUrl, `SELECT ensure_event_partitions(ARRAY[date_trunc('month', now())::date])`)
    const urls = {
      store: storeUrl,
      emmett: await createDatabase(options.databaseUrl, `${prefix}_emmett`),
      // The same tables.
      afternoon: await createDatabase(options.databaseUrl, `${prefix}_afternoon`, `${prefix}_store`),
    }
    // What the store counts for its overviews is no work of a peer's.
    await query(urls.afternoon, 'DROP TRIGGER events_counted ON events')
    const network = await startNetwork({ databaseUrl: urls.store, roundTripMs })
    running.push(network.end)
    const peer = (name: 'emmett' | 'afternoon') => {
      const through = new URL(urls[name])
      through.port = String(network.answer.postgresPort)
      const request: PeerRequest = { databaseUrl: through.href }
      return startServer<string>(`peers/${name}.ts`, request)
    }
    const started = await Promise.allSettled([
      startWorker('store', folder, storeVars({ url: urls.store }, network.answer)),
      peer('emmett'),
      peer('afternoon'),
    ])
    for (const one of started) if (one.status === 'fulfilled') running.push(one.value.end)
    const systems = (['store', 'emmett', 'afternoon'] as const).map((name, place): System => {
      const one = started[place] as (typeof started)[number]
      if (one.status === 'rejected') throw one.reason
      const { answer, pid } = one.value
      return { name, url: answer, pids: [pid], databaseUrl: urls[name], appendUrl: () => `${answer}/v1/events` }
    })
    const [store] = systems as [System]
    const bare = options.services?.workers.get('control')
    const control: System | null = bare
      ? {
          name: 'control',
          url: bare.url,
          pids: [bare.pid],
          databaseUrl: null,
          appendUrl: (conversation) => `${bare.url}/write?object=${conversation}`,
        }
      : null
    return { setting, store, systems, control, gatewayPid: network.pid, stop }
  } catch (failure) {
    await stop()
    throw failure
  }
}

async function createDatabase(serverUrl: string, name: string, template = 'template1'): Promise<string> {
  await query(serverUrl, `CREATE DATABASE ${pg.escapeIdentifier(name)} TEMPLATE ${pg.escapeIdentifier(template)}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return url.href
}

/** One statement on a connection of its own. */
export async function query(databaseUrl: string, text: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: databaseUrl })
  await client.connect()
  try {
    return (await client.query<Record<string, string>>(text)).rows
  } finally {
    await client.end()
  }
}
