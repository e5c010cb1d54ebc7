import { seededRandom } from '../../src/model/sample-text.ts'
import { type EventSize, renderBody, zipf } from '../bodies.ts'
import { atLeast, type Figure } from '../figures.ts'
import { runLoad, send } from '../load.ts'
import { median } from '../statistics.ts'
import { type Bench, createConversations } from '../store.ts'

const CONCURRENCY = 16
const CONVERSATIONS = 64

const CASES: readonly { readonly size: EventSize; readonly events: number; readonly quick?: true }[] = [
  { size: 'small', events: 1, quick: true },
  { size: 'small', events: 10 },
  { size: 'small', events: 100, quick: true },
  { size: 'sample', events: 1, quick: true },
  { size: 'sample', events: 10 },
  { size: 'sample', events: 100 },
]

/** Acknowledged events a second, against one row of the same bytes a request, in rounds that take turns. */
export async function measureAppends({ services, quick, settled }: Bench): Promise<Figure[]> {
  const [rounds, seconds] = quick ? [2, 1] : [3, 1.5]
  const figures: Figure[] = []
  const conversations = await createConversations(services.store, 'appends', CONVERSATIONS)
  await createConversations(services.quiet, 'appends', CONVERSATIONS)
  await runLoad({ concurrency: 1, requests: CONVERSATIONS }, (_sender, request) =>
    send({ method: 'POST', url: `${services.control}/write?object=${conversations[request]}`, body: new Uint8Array(1_200) }),
  )
  for (const { size, events } of CASES.filter((one) => one.quick || !quick)) {
    const bodies = Array.from({ length: CONCURRENCY }, (_, sender) => renderBody(size, events, sender * 3))
    const choose = zipf(CONVERSATIONS, seededRandom(1))
    const round = async (urlOf: (conversation: string) => string) => {
      const load = await runLoad({ concurrency: CONCURRENCY, seconds }, (sender) => {
        const conversation = conversations[choose()] as string
        const body = bodies[sender] as (typeof bodies)[number]
        body.fill(conversation)
        return send({ method: 'POST', url: urlOf(conversation), body: body.bytes })
      })
      return (load.requests * events) / load.seconds
    }
    const store: number[] = []
    const quiet: number[] = []
    const control: number[] = []
    for (let i = 0; i < rounds; i++) {
      store.push(await round(() => `${services.store}/v1/events`))
      await settled(conversations)
      if (events === 1) {
        quiet.push(await round(() => `${services.quiet}/v1/events`))
        await settled(conversations, services.quiet)
      }
      control.push(await round((conversation) => `${services.control}/write?object=${conversation}`))
    }
    const value = median(store)
    const ratioOf = (rates: readonly number[]) => median(rates.map((one, i) => one / (control[i] as number)))
    const name = `append, ${events} ${size === 'small' ? 'of 1.2 KB' : 'of a sample run, 3.6 KB'} a request`
    const single = events === 1 ? { aim: atLeast('ratio', 0.8) } : {}
    const hundred = size === 'small' && events === 100 ? { aim: atLeast('value', 25_000) } : {}
    const row = { unit: 'events/s', control: median(control) }
    figures.push({ name, ...row, value, ratio: ratioOf(store), ...single, ...hundred })
    if (events === 1) figures.push({ name: `${name}, LOG_LEVEL=warn`, ...row, value: median(quiet), ratio: ratioOf(quiet) })
  }
  return figures
}
