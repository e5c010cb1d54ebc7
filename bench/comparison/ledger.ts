import { query, type Stage, type System, type SystemName } from '../stage.ts'
import type { Ledger } from './row.ts'

/** Requests of a setting that may fail before it is given up. */
const MOST_FAILURES = 100

/** Counts what systems acknowledge, and holds it against what they have in the end. */
export class Acknowledged {
  readonly #counts = new Map<SystemName, number>()
  readonly #failed = new Map<SystemName, number>()
  #failures = 0

  readonly note = ({ name }: System, events: number): void => {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + events)
  }

  readonly fail = ({ name }: System, events: number, failure: unknown): void => {
    this.#failures += 1
    if (this.#failures > MOST_FAILURES) throw failure
    this.#failed.set(name, (this.#failed.get(name) ?? 0) + events)
  }

  of({ name }: System): number {
    return this.#counts.get(name) ?? 0
  }

  /** Call when the store has delivered. */
  async settle({ setting, systems }: Stage): Promise<Ledger[]> {
    return Promise.all(
      systems.map(async (system) => {
        const acknowledged = this.of(system)
        const failed = this.#failed.get(system.name) ?? 0
        return {
          setting,
          system: system.name,
          away_seconds: 0,
          written: acknowledged + failed,
          acknowledged,
          failed_writes: failed,
          reads: 0,
          failed_reads: 0,
          // What failed may be there all the same, and then hide what is lost: then there are failures to be seen.
          lost: Math.max(acknowledged - (await countEvents(system)), 0),
          caught_up_seconds: null,
        }
      }),
    )
  }
}

async function countEvents({ name, databaseUrl }: System): Promise<number> {
  if (databaseUrl === null) return 0
  const table = name === 'emmett' ? 'emt_messages' : 'events'
  const [row] = await query(databaseUrl, `SELECT count(*) AS events FROM ${table}`)
  return Number(row?.events)
}
