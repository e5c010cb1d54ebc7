import { conversationId, renderBody } from '../bodies.ts'
import { withControl } from '../stage.ts'
import { compare } from './compare.ts'
import { readAll, Tally } from './requests.ts'
import type { Row } from './row.ts'
import type { Trial } from './trial.ts'

const EVENTS = 40
/** Before each step of the assistant but the first, the whole conversation. */
const READ_AFTER: ReadonlySet<number> = new Set([10, 20, 30])

export interface GraphiteRunOptions {
  readonly rounds: number
  /** Of one system in one round. */
  readonly runs: number
  readonly aims: Row['aims']
}

/**
 * An assistant's run as it goes: a new conversation, each event written by itself and waited for, and the whole conversation read
 * three times between. The time of all of it; what the assistant does meanwhile is left out.
 */
export async function compareGraphiteRun(trial: Trial, { rounds, runs, aims }: GraphiteRunOptions): Promise<Row[]> {
  const bodies = Array.from({ length: EVENTS }, (_, i) => renderBody('sample', 1, i))
  return compare(trial, {
    rows: [
      {
        name: `a Graphite run: ${EVENTS} single events, ${READ_AFTER.size} reads of all`,
        unit: 'ms',
        better: 'less',
        ...(aims ? { aims } : {}),
      },
    ],
    systems: withControl(trial.stage),
    rounds,
    async round(system, round) {
      const tally = new Tally()
      const latencies: number[] = []
      for (let run = 0; run < runs; run++) {
        const conversation = conversationId(`run-${round}-${run}`)
        const began = performance.now()
        for (const [place, body] of bodies.entries()) {
          body.fill(conversation)
          await tally.post(trial, system, conversation, body)
          if (!READ_AFTER.has(place + 1)) continue
          // The control has nothing to look up.
          if (system.name === 'control') await tally.get(`${system.url}/constant?bytes=${bytesOf(bodies, place + 1)}`)
          else await readAll(tally, `${system.url}/v1/conversations/${conversation}/events`, place + 1)
        }
        latencies.push(performance.now() - began)
      }
      return [tally.timed(latencies)]
    },
  })
}

function bytesOf(bodies: readonly { readonly bytes: Uint8Array }[], events: number): number {
  return bodies.slice(0, events).reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}
