import { seededRandom } from '../../src/model/sample-text.ts'
import { conversationId, type EventSize, zipf } from '../bodies.ts'
import { runLoad, runOpenLoop } from '../load.ts'
import { type System, withControl } from '../stage.ts'
import { median } from '../statistics.ts'
import { compare, type Sample } from './compare.ts'
import { createAll, fillConversation, PAGE_EVENTS, senders, Tally } from './requests.ts'
import type { Row } from './row.ts'
import type { Trial } from './trial.ts'

const CONCURRENCY = 16

/** Beside writers that do not wait for them. */
const READERS = 4
const WRITERS = 8

export interface AppendCase {
  readonly size: EventSize
  readonly events: number
  readonly aims?: Row['aims']
}

export interface OpenLoop {
  /** Requests a second. */
  readonly rate: number
  readonly aims?: Row['aims']
}

export interface AppendOptions {
  /** The first are written to far more often than the last. */
  readonly conversations: number
  readonly cases: readonly AppendCase[]
  readonly open: OpenLoop | null
  readonly whileReading: boolean
  readonly rounds: number
  /** Of one system in one round. */
  readonly seconds: number
}

/** Appends to many conversations: singly and in batches, as fast as it goes and at a fixed rate, and beside readers. */
export async function compareAppends(trial: Trial, options: AppendOptions): Promise<Row[]> {
  const { stage } = trial
  const conversations = Array.from({ length: options.conversations }, (_, i) => conversationId(`appends-${i}`))
  const all = withControl(stage)
  // A batch is one row to the control, which says nothing.
  const systemsOf = ({ events }: AppendCase) => (events === 1 ? all : stage.systems)
  for (const system of all) await createAll(trial, system, conversations)
  await trial.settled()
  const rows: Row[] = []
  for (const one of options.cases) rows.push(...(await closedLoop(trial, options, one, conversations, systemsOf(one))))
  if (options.open) rows.push(...(await openLoop(trial, options, options.open, conversations)))
  if (options.whileReading) rows.push(...(await whileReading(trial, options, conversations)))
  return rows
}

function closedLoop(
  trial: Trial,
  { rounds, seconds }: AppendOptions,
  { size, events, aims }: AppendCase,
  conversations: readonly string[],
  systems: readonly System[],
): Promise<Row[]> {
  const bodies = senders(size, events, CONCURRENCY)
  const name = `append ${events === 1 ? 'single events' : `batches of ${events}`} of ${size === 'small' ? '1.2' : '3.6'} KB`
  return compare(trial, {
    rows: [{ name, unit: 'events/s', better: 'more', ...(aims ? { aims } : {}) }],
    systems,
    rounds,
    async round(system, round) {
      const tally = new Tally()
      const choose = zipf(conversations.length, seededRandom(round + 1))
      const load = await runLoad({ concurrency: CONCURRENCY, seconds }, (sender) => {
        const conversation = conversations[choose()] as string
        const body = bodies[sender] as (typeof bodies)[number]
        body.fill(conversation)
        return tally.post(trial, system, conversation, body)
      })
      return [tally.sample(tally.events / load.seconds, load.latencies)]
    },
  })
}

/** Single events at a fixed rate that all of them can keep up with. */
function openLoop(
  trial: Trial,
  { rounds, seconds }: AppendOptions,
  { rate, aims }: OpenLoop,
  conversations: readonly string[],
): Promise<Row[]> {
  const name = `answer to a single event of 1.2 KB, ${rate} a second`
  return compare(trial, {
    rows: [{ name, unit: 'ms', better: 'less', ...(aims ? { aims } : {}) }],
    systems: withControl(trial.stage),
    rounds,
    async round(system, round) {
      const tally = new Tally()
      const choose = zipf(conversations.length, seededRandom(round + 1))
      // Requests may overlap, however slow a system is: each needs bytes of its own.
      const free = senders('small', 1)
      const { latencies } = await runOpenLoop({ rate, goOn: (ms) => ms < seconds * 1000 }, async () => {
        const body = free.pop() ?? (senders('small', 1, 1)[0] as (typeof free)[number])
        const conversation = conversations[choose()] as string
        body.fill(conversation)
        await tally.post(trial, system, conversation, body)
        free.push(body)
      })
      return [tally.timed(latencies)]
    },
  })
}

async function whileReading(trial: Trial, { rounds, seconds }: AppendOptions, conversations: readonly string[]): Promise<Row[]> {
  const read = conversationId('read-meanwhile')
  for (const system of trial.stage.systems) await fillConversation(trial, system, read, PAGE_EVENTS)
  await trial.settled()
  const bodies = senders('small', 1, WRITERS)
  const readers = `${READERS} readers of 1,000 events`
  return compare(trial, {
    rows: [
      { name: `append single events of 1.2 KB beside ${readers}`, unit: 'events/s', better: 'more' },
      { name: `read 1,000 events beside ${WRITERS} writers`, unit: 'ms', better: 'less' },
    ],
    systems: trial.stage.systems,
    rounds,
    async round(system, round): Promise<readonly Sample[]> {
      const [written, pages] = [new Tally(), new Tally()]
      const choose = zipf(conversations.length, seededRandom(round + 1))
      const writing = runLoad({ concurrency: WRITERS, seconds }, (sender) => {
        const conversation = conversations[choose()] as string
        const body = bodies[sender] as (typeof bodies)[number]
        body.fill(conversation)
        return written.post(trial, system, conversation, body)
      })
      const url = `${system.url}/v1/conversations/${read}/events?limit=${PAGE_EVENTS}`
      const reading = runLoad({ concurrency: READERS, seconds }, () => pages.get(url))
      const [writes, reads] = await Promise.all([writing, reading])
      return [
        written.sample(written.events / writes.seconds, writes.latencies),
        pages.sample(median(reads.latencies), reads.latencies),
      ]
    },
  })
}
