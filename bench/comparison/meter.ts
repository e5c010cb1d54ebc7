import pg from 'pg'
import { parentOf, processorMs } from '../processes.ts'
import { pause } from '../store.ts'

/** What PostgreSQL and processes have used so far. */
export interface Reading {
  /** Bytes of PostgreSQL's log, of all its databases. */
  readonly wal_bytes: number
  /** Transactions that wrote. */
  readonly transactions: number
  /** Processor time in ms; null where the system does not tell. */
  readonly postgres_cpu_ms: number | null
  readonly server_cpu_ms: number | null
  readonly gateway_cpu_ms: number | null
}

export interface Meter {
  read(serverPids: readonly number[], gatewayPid: number | null): Promise<Reading>
  /** Has PostgreSQL do now what it would do later: that must not land in what is measured next. */
  checkpoint(): Promise<void>
  /**
   * Waits until the store has brought so many events to PostgreSQL, in all or of one conversation. Asks PostgreSQL, since questions
   * to the store would count as its work.
   */
  delivered(events: number, conversation?: string | null): Promise<void>
  stop(): Promise<void>
}

const DELIVERED = 'SELECT sum(event_count) AS events FROM conversations WHERE $1::text IS NULL OR conversation_id = $1'

const POLL_MS = 20
const LONGEST_DELIVERY_MS = 120_000

export async function openMeter(databaseUrl: string, storeUrl = databaseUrl): Promise<Meter> {
  const client = new pg.Client({ connectionString: databaseUrl })
  const history = new pg.Client({ connectionString: storeUrl })
  await Promise.all([client.connect(), history.connect()])
  const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')
  const postmaster = parentOf((rows[0] as { pid: number }).pid)
  return {
    async read(serverPids, gatewayPid) {
      const { rows } = await client.query<{ wal: string; next: string }>(
        `SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS wal, pg_snapshot_xmax(pg_current_snapshot())::text AS next`,
      )
      const [row] = rows
      return {
        wal_bytes: Number(row?.wal),
        transactions: Number(row?.next),
        postgres_cpu_ms: postmaster === null ? null : processorMs([postmaster]),
        server_cpu_ms: processorMs(serverPids),
        gateway_cpu_ms: gatewayPid === null ? 0 : processorMs([gatewayPid]),
      }
    },
    async checkpoint() {
      await client.query('CHECKPOINT')
    },
    async delivered(events, conversation = null) {
      for (const deadline = Date.now() + LONGEST_DELIVERY_MS; ; await pause(POLL_MS)) {
        const { rows } = await history.query<{ events: string }>(DELIVERED, [conversation])
        const there = Number(rows[0]?.events)
        if (there >= events) return
        if (Date.now() > deadline) throw new Error(`PostgreSQL has ${there} of the ${events} events that were acknowledged`)
      }
    },
    async stop() {
      await client.end()
      await history.end()
    },
  }
}

export function spent(from: Reading, to: Reading): Reading {
  const since = (name: keyof Reading) => {
    const [before, after] = [from[name], to[name]]
    return before === null || after === null ? null : after - before
  }
  return {
    wal_bytes: since('wal_bytes') as number,
    transactions: since('transactions') as number,
    postgres_cpu_ms: since('postgres_cpu_ms'),
    server_cpu_ms: since('server_cpu_ms'),
    gateway_cpu_ms: since('gateway_cpu_ms'),
  }
}
