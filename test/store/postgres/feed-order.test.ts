import { describe, expect, it } from 'vitest'
import type { PendingEvents } from '../../../src/model/history.ts'
import { createPostgresHistory } from '../../../src/store/postgres/history.ts'
import { batch, numbered, useHistory } from './support.ts'

const db = useHistory()

const CALL = 'SELECT append_events($1, $2, $3)'

function parametersOf(pending: PendingEvents): string[] {
  const { tenant, conversation_id, segments } = pending
  return [JSON.stringify([{ tenant, conversation_id, segments }]), `[${pending.heads}]`, `[${pending.events}]`]
}

async function untilSomeoneWaits(): Promise<void> {
  for (;;) {
    const { rows } = await db.sql.query(`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`)
    if (rows.length > 0) return
  }
}

describe('the order of the feed', () => {
  it('holds when a transaction that took its positions first commits late', async () => {
    const tenant = db.tenant()
    await db.history.append([batch(tenant, 'warm', numbered('warm', 1))])
    const slow = await db.openClient()
    await slow.query('BEGIN')
    await slow.query(CALL, parametersOf(batch(tenant, 'slow', numbered('slow', 2))))

    let finished = false
    const fast = db.history.append([batch(tenant, 'fast', numbered('fast', 1))]).then(() => {
      finished = true
    })
    await untilSomeoneWaits()
    const during = await db.history.feed(tenant, { order: 'asc', limit: 10 })
    expect(during.items.map((item) => item.conversation_id)).toEqual(['warm'])
    expect(finished).toBe(false)

    await slow.query('COMMIT')
    await fast
    const rest = await db.history.feed(tenant, { order: 'asc', limit: 10, after: during.items[0]?.position })
    expect(rest.items.map((item) => item.conversation_id)).toEqual(['slow', 'slow', 'fast'])
  })

  it('makes no tenant wait for another', async () => {
    const slow = await db.openClient()
    await db.history.append([batch(db.tenant(), 'c', numbered('e', 1))])
    await slow.query('BEGIN')
    await slow.query(CALL, parametersOf(batch(db.tenant(), 'c', numbered('e', 1))))
    await db.history.append([batch(db.tenant(), 'c', numbered('e', 1))])
    await slow.query('ROLLBACK')
  })

  it('is kept without deadlocks by writers that name the same tenants in different orders', async () => {
    const once = createPostgresHistory({ ...db.options, retry: { attempts: 1 } })
    const tenants = [db.tenant(), db.tenant(), db.tenant()]
    await once.append(tenants.map((tenant) => batch(tenant, 'warm', numbered('warm', 1))))
    const writers = Array.from({ length: 12 }, (_, writer) => {
      const order = writer % 2 === 0 ? tenants : tenants.toReversed()
      return once.append(order.map((tenant) => batch(tenant, `w${writer}`, numbered(`w${writer}`, 20))))
    })
    await Promise.all(writers)
    for (const tenant of tenants) {
      expect((await once.feed(tenant, { order: 'asc', limit: 1000 })).items).toHaveLength(241)
    }
  })

  it('is refused to a transaction that could not see what others committed before it got the lock', async () => {
    const client = await db.openClient()
    await db.history.append([batch(db.tenant(), 'c', numbered('e', 1))])
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ')
    await expect(client.query(CALL, parametersOf(batch(db.tenant(), 'c', numbered('e', 1))))).rejects.toMatchObject({
      code: '25000',
    })
    await client.query('ROLLBACK')
  })
})
