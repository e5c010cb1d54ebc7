import { describe, expect, it } from 'vitest'
import type { ExpiredConversation } from '../../../src/model/history.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, numbered, RECORDED_AT, useHistory } from './support.ts'

const db = useHistory()

describe.each(['in PostgreSQL', 'in memory'])('conversations with events past their term, %s,', (where) => {
  const historyOf = () => (where === 'in memory' ? new InMemoryHistory() : db.history)

  it('are those of all tenants whose first event is as old, the oldest first', async () => {
    const history = historyOf()
    const [one, other] = [db.tenant(), db.tenant()]
    await history.append([
      batch(one, 'b', numbered('b', 1), { recordedAt: RECORDED_AT }),
      batch(one, 'b', numbered('b2', 1), { firstSeq: 2, recordedAt: RECORDED_AT + 100 }),
      batch(one, 'young', numbered('y', 1), { recordedAt: RECORDED_AT + 1 }),
      batch(other, 'a', numbered('a', 1), { recordedAt: RECORDED_AT }),
      batch(other, 'oldest', numbered('o', 1), { recordedAt: RECORDED_AT - 1 }),
    ])
    const refused = { code: '22P02', reason: 'refused', event: '{"event_id":"q"}', event_id: 'q' }
    await history.quarantine({ ...refused, tenant: other, conversation_id: 'set aside', seq: 1, recorded_at: RECORDED_AT })
    const found = await history.expiredConversations(RECORDED_AT, null, 100)
    expect(found.map(({ tenant, conversation_id }) => [tenant, conversation_id])).toEqual([
      [other, 'oldest'],
      [one, 'b'],
      [other, 'a'],
      [other, 'set aside'],
    ])
    const pages: ExpiredConversation[] = []
    for (let after: ExpiredConversation | null = null; ; after = pages.at(-1) ?? null) {
      const page = await history.expiredConversations(RECORDED_AT, after, 1)
      if (page.length === 0) break
      pages.push(...page)
    }
    expect(pages).toEqual(found)
    for (const { tenant, conversation_id } of found) await history.clearConversations(tenant, [conversation_id], RECORDED_AT)
    expect(await history.expiredConversations(RECORDED_AT, null, 100)).toEqual([])
    expect(await history.expiredConversations(RECORDED_AT + 100, null, 100)).toMatchObject([
      { conversation_id: 'young' },
      { conversation_id: 'b' },
    ])
    for (const { tenant } of found) await history.clear(tenant, RECORDED_AT + 200)
  })
})

it('a conversation is found by a time as exact as the database has it', async () => {
  const tenant = db.tenant()
  await db.history.append([batch(tenant, 'a', numbered('a', 1)), batch(tenant, 'b', numbered('b', 1))])
  await db.sql.query(
    `UPDATE conversations SET first_at = first_at - interval '3 microseconds' WHERE tenant_id = $1 AND conversation_id = 'b'`,
    [tenant],
  )
  const [first] = await db.history.expiredConversations(RECORDED_AT, null, 1)
  expect(first).toEqual({ tenant, conversation_id: 'b', first_at: '2026-01-15T09:59:59.999997Z' })
  const rest = await db.history.expiredConversations(RECORDED_AT, first ?? null, 10)
  expect(rest.map(({ conversation_id }) => conversation_id)).toEqual(['a'])
})
