import { HttpEventStore } from '../../src/client/index.ts'
import { renderBody } from '../bodies.ts'
import { atLeast, type Figure } from '../figures.ts'
import { runLoad } from '../load.ts'
import { median } from '../statistics.ts'
import { type Bench, createConversations } from '../store.ts'

const CONVERSATIONS = 64

/** Callers of the client that posts each event by itself; more only wait for one another. */
const CONCURRENCY = 64

/** Single events a second through the client that gathers them, against the one that posts each, in rounds that take turns. */
export async function measureBuffered({ services, quick, settled }: Bench): Promise<Figure[]> {
  const [rounds, events] = quick ? [2, 4_000] : [3, 10_000]
  const conversations = await createConversations(services.store, 'buffered', CONVERSATIONS)
  const body = renderBody('small', 1)
  const render = () =>
    Array.from({ length: events }, (_, i) => {
      body.fill(conversations[i % CONVERSATIONS] as string)
      return body.bytes.toString()
    })
  const round = async (store: HttpEventStore, concurrency: number) => {
    const texts = render()
    const load = await runLoad({ concurrency, requests: events }, async (_sender, request) => {
      const { recorded } = await store.recordEvent(texts[request] as string)
      if (recorded !== 1) throw new Error('an event was not recorded')
    })
    await store.close()
    await settled(conversations)
    return events / load.seconds
  }
  const buffered: number[] = []
  const single: number[] = []
  for (let i = 0; i < rounds; i++) {
    buffered.push(await round(new HttpEventStore({ url: services.store, buffer: true }), events))
    single.push(await round(new HttpEventStore({ url: services.store }), CONCURRENCY))
  }
  const ratio = median(buffered.map((one, i) => one / (single[i] as number)))
  const name = `record ${events} single events of 1.2 KB, buffered, against a post each`
  return [{ name, unit: 'events/s', value: median(buffered), control: median(single), ratio, aim: atLeast('ratio', 5) }]
}
