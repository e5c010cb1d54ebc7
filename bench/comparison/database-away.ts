import { join } from 'node:path'
import { startPostgres } from '../../src/local/postgres.ts'
import { conversationId, renderBody } from '../bodies.ts'
import { runOpenLoop, send } from '../load.ts'
import type { Outcome } from '../outcome.ts'
import type { Services } from '../services.ts'
import { query, type System, startStage } from '../stage.ts'
import { awaitDelivery, pause, readCounters } from '../store.ts'
import { createAll, eventIds, readAll, Tally } from './requests.ts'
import type { Ledger } from './row.ts'
import type { Trial } from './trial.ts'

/** Of single events, to each system. Low, so that the three can be asked at the same time without being in each other's way. */
const WRITES_A_SECOND = 20
/** Of whole conversations. */
const READS_A_SECOND = 5
const CONVERSATIONS = 20

const SETTING = 'database away'

/**
 * PostgreSQL is shut down and started again while all systems are written to and read from, at the same rates. Each event is
 * posted once: what is not acknowledged has failed. At last the conversations are read to see what of the acknowledged is there.
 */
export async function compareAway(services: Services, quick: boolean): Promise<Outcome> {
  const [before, away, after] = quick ? [1, 4, 2] : [3, 20, 5]
  const cluster = { dataDir: join(services.folder, 'postgres-away'), durable: true }
  let postgres = await startPostgres(cluster)
  try {
    const stage = await startStage({
      setting: SETTING,
      databaseUrl: postgres.url,
      roundTripMs: 0,
      folder: services.folder,
    })
    try {
      const conversations = Array.from({ length: CONVERSATIONS }, (_, i) => awayId(i))
      const unnoted: Pick<Trial, 'acknowledge' | 'fail'> = {
        acknowledge: () => undefined,
        fail(_system, _events, failure) {
          throw failure
        },
      }
      for (const system of stage.systems) await createAll(unnoted, system, conversations)
      let going = true
      const loads = stage.systems.map((system) => load(system, conversations, () => going))
      await pause(before * 1000)
      const { port } = postgres
      // It ends all sessions first.
      const left = performance.now()
      await postgres.stop()
      await pause(away * 1000)
      postgres = await startPostgres({ ...cluster, port })
      const returned = performance.now()
      const measured = (returned - left) / 1000
      const caughtUp = backlogDelivered(stage.store).then(() => (performance.now() - returned) / 1000)
      await pause(after * 1000)
      going = false
      const counts = await Promise.all(loads)
      const ledgers: Ledger[] = []
      for (const [place, system] of stage.systems.entries()) {
        const { acknowledged, ...count } = counts[place] as Counts
        const delivered = system.name === 'store'
        if (delivered) for (const conversation of conversations) await awaitDelivery(system.url, conversation)
        const found = await readIds(system, conversations)
        ledgers.push({
          setting: SETTING,
          system: system.name,
          away_seconds: measured,
          ...count,
          acknowledged: acknowledged.size,
          lost: [...acknowledged].filter((id) => !found.has(id)).length,
          caught_up_seconds: delivered ? await caughtUp : null,
        })
      }
      return { ledgers }
    } finally {
      await stage.stop()
    }
  } finally {
    await postgres.stop()
  }
}

/** Waits until PostgreSQL has all that the store held when this was called. */
async function backlogDelivered({ url, databaseUrl }: System): Promise<void> {
  const conversations = Array.from({ length: CONVERSATIONS }, (_, i) => awayId(i))
  const heads = await Promise.all(conversations.map(async (conversation) => (await readCounters(url, conversation)).head_seq))
  const events = heads.reduce((all, head) => all + head, 0)
  const delivered = async () => {
    const [row] = await query(databaseUrl as string, 'SELECT sum(event_count) AS events FROM conversations')
    return Number(row?.events) >= events
  }
  while (!(await delivered())) await pause(POLL_MS)
}

const POLL_MS = 100

function awayId(place: number): string {
  return conversationId(`away-${place}`)
}

interface Counts extends Pick<Ledger, 'written' | 'failed_writes' | 'reads' | 'failed_reads'> {
  /** Ids. */
  readonly acknowledged: ReadonlySet<string>
}

async function load(system: System, conversations: readonly string[], goOn: () => boolean): Promise<Counts> {
  const acknowledged = new Set<string>()
  let [written, failedWrites, reads, failedReads] = [0, 0, 0, 0]
  const writing = runOpenLoop({ rate: WRITES_A_SECOND, goOn }, async (request) => {
    const conversation = conversations[request % CONVERSATIONS] as string
    const body = renderBody('small', 1)
    body.fill(conversation)
    const { event_id } = JSON.parse(body.bytes.toString()) as { event_id: string }
    written += 1
    const sent = send({ method: 'POST', url: system.appendUrl(conversation), body: body.bytes })
    await sent.then(
      () => acknowledged.add(event_id),
      () => {
        failedWrites += 1
      },
    )
  })
  const reading = runOpenLoop({ rate: READS_A_SECOND, goOn }, async (request) => {
    reads += 1
    const url = `${system.url}/v1/conversations/${conversations[request % CONVERSATIONS]}/events?limit=1000`
    await send({ url }).catch(() => {
      failedReads += 1
    })
  })
  await Promise.all([writing, reading])
  return { acknowledged, written, failed_writes: failedWrites, reads, failed_reads: failedReads }
}

async function readIds(system: System, conversations: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>()
  for (const conversation of conversations) {
    // Fewer than a page each.
    const pages = await readAll(new Tally(), `${system.url}/v1/conversations/${conversation}/events`, 1)
    for (const id of pages.flatMap(eventIds)) found.add(id)
  }
  return found
}
