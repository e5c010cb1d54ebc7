import { conversationId, renderBody } from '../bodies.ts'
import { type Aim, atMost, type Figure } from '../figures.ts'
import { runLoad, send } from '../load.ts'
import { median } from '../statistics.ts'
import { type Bench, createConversations, fill } from '../store.ts'

const BATCH = 10

/** What noise alone makes of a cost that does not grow. */
const FLAT: Aim = atMost('ratio', 1.5)

/** The cost of an appended event as conversations get more, and as one gets longer. */
export async function measureFlatness(bench: Bench): Promise<Figure[]> {
  const counts = bench.quick ? [1, 100] : [1, 100, 10_000]
  const lengths = bench.quick ? [10, 1_000, 10_000] : [10, 1_000, 100_000, 1_000_000]
  // While PostgreSQL takes in a million events there is time to make ten thousand conversations.
  const [cases, conversations] = await Promise.all([makeCounts(bench, counts), makeLengths(bench, lengths)])
  await bench.settled(conversations)
  return [...(await byCount(bench, counts, cases)), ...(await byLength(bench, lengths, conversations))]
}

/** Objects of the store and of the control, which are to be there already. All of the events are in PostgreSQL. */
async function makeCounts({ services }: Bench, counts: readonly number[]): Promise<string[][]> {
  const cases: string[][] = []
  for (const count of counts) {
    const conversations = await createConversations(services.store, `count-${count}`, count)
    await runLoad({ concurrency: 8, requests: count }, (_sender, request) =>
      send({ method: 'POST', url: `${services.control}/write?object=${conversations[request]}`, body: new Uint8Array(1_200) }),
    )
    cases.push(conversations)
  }
  return cases
}

async function makeLengths({ services }: Bench, lengths: readonly number[]): Promise<string[]> {
  const conversations: string[] = []
  for (const length of lengths) {
    const conversation = conversationId(`length-${length}`)
    // How many they are is what counts here, and a million of them have to go through Postgres.
    await fill(services.store, conversation, length, 'least')
    conversations.push(conversation)
  }
  return conversations
}

const roundsOf = (quick: boolean) => (quick ? [3, 20] : [3, 40]) as readonly [rounds: number, requests: number]

/**
 * Each append goes to a conversation that is idle and all in Postgres, however many there are, so that it also pays for
 * the notice and the alarm in every case. An object that rested was put away by the platform and has to be woken: what that
 * costs is the platform's, so growth is told beyond that of the bare object.
 */
async function byCount(
  { services, quick }: Bench,
  counts: readonly number[],
  cases: readonly (readonly string[])[],
): Promise<Figure[]> {
  const [rounds, requests] = roundsOf(quick)
  const body = renderBody('small', BATCH)
  const appended = async (urlOf: (conversation: string) => string, conversation: string) => {
    body.fill(conversation)
    const began = performance.now()
    await send({ method: 'POST', url: urlOf(conversation), body: body.bytes })
    return ((performance.now() - began) * 1000) / BATCH
  }
  const store = cases.map((): number[] => [])
  const control = cases.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [place, conversations] of cases.entries()) {
      const times: number[] = []
      const bare: number[] = []
      for (let request = 0; request < requests; request++) {
        // Spread over all of them, not the first ones again and again.
        const conversation = conversations[((request + round * requests) * 7919) % conversations.length] as string
        bare.push(await appended((name) => `${services.control}/write?object=${name}`, conversation))
        times.push(await appended(() => `${services.store}/v1/events`, conversation))
        // A repeat, which brings what it repeats to Postgres: the conversation is idle again.
        await send({ method: 'POST', url: `${services.store}/v1/events?ack=persisted`, body: body.bytes })
      }
      store[place]?.push(median(times))
      control[place]?.push(median(bare))
    }
  }
  return counts.map((count, place) => {
    const own = store[place] as number[]
    const bare = control[place] as number[]
    const growth = own.map(
      (time, round) => time / (store[0]?.[round] as number) / ((bare[round] as number) / (control[0]?.[round] as number)),
    )
    return {
      name: `append to an idle one of ${count.toLocaleString('en')} conversations${place === 0 ? '' : ', growth beyond the control’s'}`,
      unit: 'us an event',
      value: median(own),
      control: median(bare),
      ...(place === 0 ? {} : { ratio: median(growth), aim: FLAT }),
    }
  })
}

/** One conversation is written to over and over, as it is while an assistant works. */
async function byLength(
  { services, quick, settled }: Bench,
  lengths: readonly number[],
  conversations: readonly string[],
): Promise<Figure[]> {
  const [rounds, requests] = roundsOf(quick)
  const body = renderBody('small', BATCH)
  const times = lengths.map((): number[] => [])
  for (let round = 0; round < rounds; round++) {
    for (const [place, conversation] of conversations.entries()) {
      const load = await runLoad({ concurrency: 1, requests }, () => {
        body.fill(conversation)
        return send({ method: 'POST', url: `${services.store}/v1/events`, body: body.bytes })
      })
      times[place]?.push((median(load.latencies) * 1000) / BATCH)
      await settled([conversation])
    }
  }
  return lengths.map((length, place) => {
    const own = times[place] as number[]
    const ratio = median(own.map((time, round) => time / (times[0]?.[round] as number)))
    const name = `append with ${length.toLocaleString('en')} events in the conversation`
    return { name, unit: 'us an event', value: median(own), ...(place === 0 ? {} : { ratio, aim: FLAT }) }
  })
}
