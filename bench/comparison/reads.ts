import { seededRandom } from '../../src/model/sample-text.ts'
import { conversationId } from '../bodies.ts'
import { runLoad } from '../load.ts'
import type { System, SystemName } from '../stage.ts'
import { compare } from './compare.ts'
import { eventIds, fillConversation, readAll, Tally } from './requests.ts'
import type { Row } from './row.ts'
import type { Trial } from './trial.ts'

export interface ReadOptions {
  /** Events of the conversations that are read. */
  readonly lengths: readonly number[]
  readonly rounds: number
  /** Of one system in one round. */
  readonly seconds: number
  /** Of the conversation of 1,000 events. */
  readonly aims: Row['aims']
  /** Also by the other keys. */
  readonly byKeys: boolean
}

/** By its small events, a conversation is one assistant request of the same id. */
const BY_KEYS_EVENTS = 100

/** Whole conversations, page by page; an assistant request, and single events. One reader at a time. */
export async function compareReads(trial: Trial, options: ReadOptions): Promise<Row[]> {
  const { systems } = trial.stage
  const idOf = (length: number) => conversationId(`read-${length}`)
  const lengths = new Set([...options.lengths, ...(options.byKeys ? [BY_KEYS_EVENTS] : [])])
  const ids = new Map<SystemName, string[]>()
  for (const length of lengths) {
    for (const system of systems) {
      await fillConversation(trial, system, idOf(length), length)
      const [page] = await readAll(new Tally(), conversationUrl(system, idOf(length)), length)
      ids.set(system.name, eventIds(page as Buffer))
    }
  }
  await trial.settled()

  const measure = (name: string, aims: Row['aims'], one: (tally: Tally, system: System) => Promise<unknown>) =>
    compare(trial, {
      rows: [{ name, unit: 'ms', better: 'less', ...(aims ? { aims } : {}) }],
      systems,
      rounds: options.rounds,
      async round(system) {
        const tally = new Tally()
        const load = await runLoad({ concurrency: 1, seconds: options.seconds }, () => one(tally, system))
        return [tally.timed(load.latencies)]
      },
    })
  const rows: Row[] = []
  for (const length of options.lengths) {
    const name = `read a conversation of ${length.toLocaleString('en')} events`
    const read = (tally: Tally, system: System) => readAll(tally, conversationUrl(system, idOf(length)), length)
    rows.push(...(await measure(name, length === 1_000 ? options.aims : undefined, read)))
  }
  if (!options.byKeys) return rows
  const request = idOf(BY_KEYS_EVENTS)
  rows.push(
    ...(await measure(`read an assistant request of ${BY_KEYS_EVENTS} events`, undefined, (tally, system) =>
      readAll(tally, `${system.url}/v1/assistant-requests/${request}/events`, BY_KEYS_EVENTS),
    )),
  )
  rows.push(
    ...(await measure('the same, its conversation named', undefined, (tally, system) => {
      const url = `${system.url}/v1/assistant-requests/${request}/events`
      return readAll(tally, url, BY_KEYS_EVENTS, `&conversation_id=${request}`)
    })),
  )
  const random = seededRandom(1)
  rows.push(
    ...(await measure('read an event by its id', undefined, (tally, system) => {
      const known = ids.get(system.name) as string[]
      return tally.get(`${system.url}/v1/events/${known[Math.floor(random() * known.length)]}`)
    })),
  )
  return rows
}

function conversationUrl(system: System, conversation: string): string {
  return `${system.url}/v1/conversations/${conversation}/events`
}
