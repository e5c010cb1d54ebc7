import { describe, expect, it } from 'vitest'
import { clearInSteps } from '../../../src/store/postgres/clear-in-steps.ts'
import { type Connection, connect } from '../../../src/store/postgres/connection.ts'
import { batch, listed, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()
const STEP = 3

/** Notes how many events each statement that clears has removed, and may refuse to. */
function watched(isAway: (call: number) => boolean = () => false) {
  const connection = connect(db.options)
  const removed: number[] = []
  let calls = 0
  const upkeep: Connection = {
    async rows(operation, statement, limits) {
      calls += 1
      if (isAway(calls)) throw new Error('Postgres is away')
      const rows = await connection.rows<'removed'>(operation, statement, limits)
      removed.push(rows.reduce((sum, row) => sum + Number(row.removed), 0))
      return rows as never
    },
  }
  return { upkeep, removed, reader: connection }
}

/** A conversation with one event at each of the times, which are ms after the first. */
async function fill(tenant: string, conversation: string, times: readonly number[]): Promise<void> {
  for (const [place, time] of times.entries()) {
    const events = numbered(`${conversation}-${place}`, 1)
    await db.history.append([batch(tenant, conversation, events, { firstSeq: place + 1, recordedAt: RECORDED_AT + time })])
  }
}

describe('clearing in steps', () => {
  it('takes a long conversation in several transactions, and the short ones in one', async () => {
    const tenant = db.tenant()
    await fill(tenant, 'long', [0, 1, 2, 3, 4, 5, 6, 7, 100])
    await fill(tenant, 'short', [0, 50])
    const { upkeep, removed, reader } = watched()
    const lost = await clearInSteps(reader, upkeep, tenant, ['long', 'short'], RECORDED_AT + 50, STEP)
    expect(lost).toEqual(
      new Map([
        ['long', 8],
        ['short', 2],
      ]),
    )
    expect(removed).toEqual([3, 3, 4])
    expect(await listed(db.history, tenant, 'long')).toMatchObject({ event_count: 1, head_seq: 9 })
    expect(await listed(db.history, tenant, 'short')).toBeUndefined()
  })

  it('takes what was recorded at once at once, however much it is', async () => {
    const tenant = db.tenant()
    await fill(tenant, 'c', [0, 1, 1, 1, 1, 1, 2])
    const { upkeep, removed, reader } = watched()
    await clearInSteps(reader, upkeep, tenant, ['c'], RECORDED_AT + 9, STEP)
    expect(removed).toEqual([6, 1])
  })

  it('ends with quarantined events among those of a long conversation, whose times a step cannot see', async () => {
    const tenant = db.tenant()
    await fill(tenant, 'c', [0, 1])
    for (const seq of [3, 4, 5, 6]) {
      const refused = { code: '22P02', reason: 'refused', event: '{"event_id":"q"}', event_id: `q${seq}` }
      await db.history.quarantine({ ...refused, tenant, conversation_id: 'c', seq, recorded_at: RECORDED_AT + 2 })
    }
    const { upkeep, removed, reader } = watched()
    await clearInSteps(reader, upkeep, tenant, ['c'], RECORDED_AT + 9, STEP)
    expect(removed).toEqual([6])
  })

  it('has done what it had done when a step fails, and goes on when it is repeated', async () => {
    const tenant = db.tenant()
    await fill(tenant, 'c', [0, 1, 2, 3, 4, 5, 6])
    const { upkeep, reader } = watched((call) => call === 2)
    await expect(clearInSteps(reader, upkeep, tenant, ['c'], RECORDED_AT + 9, STEP)).rejects.toThrow('away')
    expect(await listed(db.history, tenant, 'c')).toMatchObject({ event_count: 4 })
    expect(await db.history.clearInSteps(tenant, ['c'], RECORDED_AT + 9)).toEqual(new Map([['c', 4]]))
    expect(await listed(db.history, tenant, 'c')).toBeUndefined()
  })
})
