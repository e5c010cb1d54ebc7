import { Agent, type ClientRequest, get } from 'node:http'
import { conversationId, renderBody } from '../bodies.ts'
import type { Figure } from '../figures.ts'
import { send } from '../load.ts'
import { quantile } from '../statistics.ts'
import { type Bench, fill, pause } from '../store.ts'

const READERS = 100
/** Between events, so that each is delivered by itself. */
const PAUSE_MS = 50
const LONGEST_DELIVERY_MS = 10_000

/** From the answer to a single post to the event's arrival at each of 100 readers of its conversation; 0 where it was there before. */
export async function measureLive({ services, quick }: Bench): Promise<Figure[]> {
  const conversation = conversationId('live')
  await fill(services.store, conversation, 1)
  const agent = new Agent({ keepAlive: false, maxSockets: READERS })
  const readers = Array.from({ length: READERS }, () => {
    return openReader(agent, `${services.store}/v1/conversations/${conversation}/live?after=0`)
  })
  try {
    // Each has the first event: it is there and open.
    await Promise.all(readers.map((reader) => reader.arrival(1)))
    const body = renderBody('small', 1)
    const times: number[] = []
    const events = quick ? 20 : 100
    for (let seq = 2; seq < 2 + events; seq++) {
      body.fill(conversation)
      const arrivals = Promise.all(readers.map((reader) => reader.arrival(seq)))
      await send({ method: 'POST', url: `${services.store}/v1/events`, body: body.bytes })
      const answered = performance.now()
      for (const arrived of await arrivals) times.push(Math.max(arrived - answered, 0))
      await pause(PAUSE_MS)
    }
    return [
      { name: `from 201 to ${READERS} live readers, median`, unit: 'ms', value: quantile(times, 0.5) },
      { name: `from 201 to ${READERS} live readers, 99th percentile`, unit: 'ms', value: quantile(times, 0.99) },
    ]
  } finally {
    for (const reader of readers) reader.close()
    agent.destroy()
  }
}

interface Reader {
  /** When the event with this seq arrived, by `performance.now()`. */
  arrival(seq: number): Promise<number>
  close(): void
}

/** Reads server-sent events as far as it needs to: the id of each, which is its seq. */
function openReader(agent: Agent, url: string): Reader {
  const arrived = new Map<number, number>()
  const waiting = new Map<number, (at: number) => void>()
  let failure: Error | null = null
  const fail = (error: Error) => {
    failure ??= error
  }
  let rest = ''
  const call: ClientRequest = get(url, { agent, headers: { Accept: 'text/event-stream' } }, (answer) => {
    if (answer.statusCode !== 200) fail(new Error(`${url}: ${answer.statusCode}`))
    answer.setEncoding('latin1')
    answer.on('error', fail)
    answer.on('data', (chunk: string) => {
      const at = performance.now()
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (!line.startsWith('id:')) continue
        const seq = Number(line.slice('id:'.length))
        arrived.set(seq, at)
        waiting.get(seq)?.(at)
      }
    })
  })
  call.on('error', fail)
  return {
    arrival(seq) {
      const known = arrived.get(seq)
      if (known !== undefined) return Promise.resolve(known)
      return new Promise((resolve, reject) => {
        const late = () => reject(failure ?? new Error(`the event ${seq} did not arrive at a live reader`))
        const timer = setTimeout(late, LONGEST_DELIVERY_MS)
        waiting.set(seq, (at) => {
          clearTimeout(timer)
          resolve(at)
        })
      })
    },
    close: () => call.destroy(),
  }
}
