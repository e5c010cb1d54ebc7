import { conversationId } from '../bodies.ts'
import { atMost, type Figure } from '../figures.ts'
import { runLoad, send } from '../load.ts'
import { median } from '../statistics.ts'
import { type Bench, fill } from '../store.ts'

const EVENTS = 1_000

/** The time of one page of 1,000 events, from the object and from Postgres, against as many bytes from memory. */
export async function measureReads({ services, quick, settled }: Bench): Promise<Figure[]> {
  const [rounds, requests] = quick ? [3, 20] : [7, 60]
  const conversation = conversationId('reads')
  await fill(services.store, conversation, EVENTS)
  await settled([conversation])
  const hotUrl = `${services.store}/v1/conversations/${conversation}/events?limit=${EVENTS}`
  const coldUrl = `${services.store}/v1/assistant-requests/${conversation}/events?limit=${EVENTS}`
  const { byteLength } = (await send({ url: hotUrl })).body
  const constantUrl = `${services.control}/constant?bytes=${byteLength}`

  const round = async (url: string, times: number) =>
    median((await runLoad({ concurrency: 1, requests: times }, () => send({ url }))).latencies)
  const hot: number[] = []
  const cold: number[] = []
  const constant: number[] = []
  for (let i = 0; i < rounds; i++) {
    hot.push(await round(hotUrl, requests))
    constant.push(await round(constantUrl, requests))
    cold.push(await round(coldUrl, Math.ceil(requests / 4)))
  }
  const control = median(constant)
  const ratioOf = (times: readonly number[]) => median(times.map((time, i) => time / (constant[i] as number)))
  const size = `${EVENTS} events (${Math.round(byteLength / 1000)} KB)`
  return [
    {
      name: `read ${size} from the object`,
      unit: 'ms',
      value: median(hot),
      control,
      ratio: ratioOf(hot),
      aim: atMost('ratio', 1.5),
    },
    { name: `read ${size} from Postgres`, unit: 'ms', value: median(cold), control, ratio: ratioOf(cold) },
  ]
}
