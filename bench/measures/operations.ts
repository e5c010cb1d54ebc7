import { conversationId, renderBody } from '../bodies.ts'
import type { Counts } from '../counts.ts'
import { atMost, type Figure } from '../figures.ts'
import { runLoad, send, sendJson } from '../load.ts'
import type { Bench } from '../store.ts'

const BATCH = 50

const AIMS: readonly { readonly count: keyof Counts; readonly name: string; readonly most?: number }[] = [
  { count: 'worker_requests', name: 'Worker requests', most: 20 },
  { count: 'consumer_runs', name: 'runs of the queue consumer' },
  { count: 'object_requests', name: 'object requests', most: 20 },
  { count: 'rows_written', name: 'SQLite rows written', most: 25 },
  { count: 'queue_operations', name: 'queue operations', most: 10 },
  { count: 'round_trips', name: 'Postgres round trips', most: 2 },
]

/** What is charged for, counted while events arrive in batches of 50 in one conversation until Postgres has them. */
export async function measureOperations({ services, quick, settled }: Bench): Promise<Figure[]> {
  const thousands = quick ? 2 : 10
  const at = services.counting
  const conversation = conversationId('operations')
  const body = renderBody('small', BATCH)
  const record = () => {
    body.fill(conversation)
    return send({ method: 'POST', url: `${at}/v1/events`, body: body.bytes })
  }
  // What happens once in a conversation's life, or once a month, is not part of the price.
  await record()
  await settled([conversation], at)
  await send({ url: `${at}/counts` })
  await runLoad({ concurrency: 1, requests: (thousands * 1_000) / BATCH }, record)
  await settled([conversation], at)
  const counts = await sendJson<Counts>({ url: `${at}/counts` })
  return AIMS.map(({ count, name, most }) => ({
    name: `${name}, for 1,000 events in batches of ${BATCH}`,
    unit: '',
    value: counts[count] / thousands,
    ...(most === undefined ? {} : { aim: atMost('value', most) }),
  }))
}
