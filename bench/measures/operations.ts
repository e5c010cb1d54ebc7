import { conversationId, renderBody } from '../bodies.ts'
import { openMeter, spent } from '../comparison/meter.ts'
import type { Counts, OperationCosts } from '../counts.ts'
import { atMost, type Figure } from '../figures.ts'
import { send, sendJson } from '../load.ts'
import type { Outcome } from '../outcome.ts'
import type { Bench } from '../store.ts'

/** Sizes that prices are given for. The aims hold at 50. */
const BATCHES = [1, 10, 50, 100]
const AIMED_AT = 50

/** Events that each come when the one before has been delivered: nothing is shared then. */
const EVENTS_APART = 6

const AIMS: readonly { readonly count: keyof Counts; readonly name: string; readonly most?: number }[] = [
  { count: 'worker_requests', name: 'Worker requests', most: 20 },
  { count: 'consumer_runs', name: 'runs of the queue consumer' },
  { count: 'object_requests', name: 'object requests', most: 20 },
  { count: 'rows_written', name: 'SQLite rows written', most: 25 },
  { count: 'queue_operations', name: 'queue operations', most: 10 },
  { count: 'round_trips', name: 'Postgres round trips', most: 2 },
]

/** What is charged for, counted while events arrive in batches in one conversation until Postgres has them. */
export async function measureOperations(bench: Bench): Promise<Outcome> {
  const costs: OperationCosts[] = []
  for (const batch of BATCHES) {
    // Long enough that a delivery, which gathers what comes within a second, is shared as it is under load.
    const events = batch === 1 ? (bench.quick ? 500 : 3_000) : bench.quick ? 1_000 : 10_000
    costs.push(await costsOf(bench, { batch, events, apart: false }))
  }
  if (!bench.quick) costs.push(await costsOf(bench, { batch: 1, events: EVENTS_APART, apart: true }))
  const { counts, events } = costs.find(({ batch, apart }) => batch === AIMED_AT && !apart) as OperationCosts
  const figures = AIMS.map(({ count, name, most }): Figure => {
    return {
      name: `${name}, for 1,000 events in batches of ${AIMED_AT}`,
      unit: '',
      value: (counts[count] * 1_000) / events,
      ...(most === undefined ? {} : { aim: atMost('value', most) }),
    }
  })
  return { figures, costs }
}

async function costsOf(
  { services, settled }: Bench,
  { batch, events, apart }: Pick<OperationCosts, 'batch' | 'events' | 'apart'>,
): Promise<OperationCosts> {
  const at = services.counting
  const conversation = conversationId(`operations-${batch}${apart ? '-apart' : ''}`)
  const body = renderBody('small', batch)
  const record = () => {
    body.fill(conversation)
    return send({ method: 'POST', url: `${at}/v1/events`, body: body.bytes })
  }
  const take = () => sendJson<Counts>({ url: `${at}/counts` })
  const storedBytes = () => sendJson<number>({ url: `${at}/stored-bytes?conversation=${conversation}` })
  const meter = await openMeter(services.databaseUrl)
  const pids = [services.workers.get('counting')?.pid ?? 0]
  // What happens once in a conversation's life, or once a month, is not part of the price.
  await record()
  await settled([conversation], at)
  await take()
  const stored = await storedBytes()
  const before = await meter.read(pids, null)
  const latencies: number[] = []
  for (let recorded = batch; recorded < batch + events; ) {
    const sent = performance.now()
    await record()
    latencies.push(performance.now() - sent)
    recorded += batch
    if (apart || recorded === batch + events) await meter.delivered(recorded, conversation)
  }
  await settled([conversation], at)
  const used = spent(before, await meter.read(pids, null))
  const counts = await take()
  const storedAfter = await storedBytes()
  await send({ url: `${at}/trim?conversation=${conversation}` })
  const trim_counts = await take()
  await meter.stop()
  return {
    batch,
    apart,
    event_bytes: Math.round(body.bytes.byteLength / batch),
    events,
    counts,
    trim_counts,
    stored_bytes: storedAfter - stored,
    request_ms: latencies.reduce((all, one) => all + one, 0) / latencies.length,
    worker_cpu_ms: used.server_cpu_ms,
    postgres: { cpu_ms: used.postgres_cpu_ms, transactions: used.transactions, wal_bytes: used.wal_bytes },
  }
}
