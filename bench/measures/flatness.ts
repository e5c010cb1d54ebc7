import { conversationId, renderBody } from '../bodies.ts'
import { type Aim, atMost, type Figure } from '../figures.ts'
import { runLoad, send } from '../load.ts'
import { median } from '../statistics.ts'
import { type Bench, createConversations, fill } from '../store.ts'

const BATCH = 10

/** What noise alone makes of a cost that does not grow. */
const FLAT: Aim = atMost('ratio', 1.5)

interface Case {
  readonly name: string
  readonly conversations: readonly string[]
}

/** The cost of an appended event as conversations get more, and as one gets longer, against the smallest case. */
export async function measureFlatness(bench: Bench): Promise<Figure[]> {
  const { services, quick, settled } = bench
  const counts = quick ? [1, 100] : [1, 100, 10_000]
  const lengths = quick ? [10, 1_000, 10_000] : [10, 1_000, 100_000]

  const byCount: Case[] = []
  for (const count of counts) {
    const conversations = await createConversations(services.store, `count-${count}`, count)
    byCount.push({ name: `${count.toLocaleString('en')} conversations`, conversations })
  }
  const byLength: Case[] = []
  for (const length of lengths) {
    const conversation = conversationId(`length-${length}`)
    await fill(services.store, conversation, length)
    byLength.push({ name: `${length.toLocaleString('en')} events in the conversation`, conversations: [conversation] })
  }
  for (const { conversations } of [...byCount, ...byLength]) await settled(conversations)
  return [...(await compare(bench, byCount)), ...(await compare(bench, byLength))]
}

async function compare({ services, quick, settled }: Bench, cases: readonly Case[]): Promise<Figure[]> {
  const [rounds, requests] = quick ? [3, 20] : [5, 60]
  const body = renderBody('small', BATCH)
  const times = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [place, { conversations }] of cases.entries()) {
      const used = new Set<string>()
      const load = await runLoad({ concurrency: 1, requests }, (_sender, request) => {
        // Spread over all of them, not the first ones again and again.
        const conversation = conversations[((request + round * requests) * 7919) % conversations.length] as string
        used.add(conversation)
        body.fill(conversation)
        return send({ method: 'POST', url: `${services.store}/v1/events`, body: body.bytes })
      })
      times[place]?.push((median(load.latencies) * 1000) / BATCH)
      await settled([...used])
    }
  }
  const smallest = times[0] ?? []
  return cases.map(({ name }, place) => {
    const own = times[place] ?? []
    const ratio = median(own.map((time, round) => time / (smallest[round] as number)))
    return { name: `append with ${name}`, unit: 'us an event', value: median(own), ...(place === 0 ? {} : { ratio, aim: FLAT }) }
  })
}
