import { conversationId } from '../bodies.ts'
import type { Figure } from '../figures.ts'
import { quantile } from '../statistics.ts'
import { type Bench, fill, pause, readCounters } from '../store.ts'

const POLL_MS = 4

/** From the answer to a single post, on an idle system, to its event being in Postgres. */
export async function measureDelivery({ services, quick }: Bench): Promise<Figure[]> {
  const times: number[] = []
  for (let i = 0; i < (quick ? 3 : 8); i++) {
    const conversation = conversationId(`delivery-${i}`)
    await fill(services.store, conversation, 1)
    const answered = performance.now()
    while ((await readCounters(services.store, conversation)).persisted_seq === 0) await pause(POLL_MS)
    times.push(performance.now() - answered)
  }
  return [
    { name: 'from 201 to Postgres, median', unit: 'ms', value: quantile(times, 0.5) },
    { name: 'from 201 to Postgres, 99th percentile', unit: 'ms', value: quantile(times, 0.99) },
  ]
}
