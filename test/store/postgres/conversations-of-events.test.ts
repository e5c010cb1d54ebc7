import { describe, expect, it } from 'vitest'
import type { EventHistory } from '../../../src/model/history.ts'
import { MAX_REQUEST_EVENTS } from '../../../src/model/limits.ts'
import { InMemoryHistory } from '../../../src/store/in-memory/history.ts'
import { batch, numbered, useHistory } from './support.ts'

const db = useHistory()
const inMemory = new InMemoryHistory()

describe.each<[string, () => EventHistory]>([
  ['PostgreSQL', () => db.history],
  ['memory', () => inMemory],
])('the conversations of events in %s', (_, history) => {
  const find = async (tenant: string, ids: readonly string[]) =>
    Object.fromEntries(await history().conversationsOfEvents(tenant, ids))

  it('are found in every partition, whatever the id is made of', async () => {
    const tenant = db.tenant()
    const odd = '"{a,b}\\ \n%ä🙂'
    await history().append([
      batch(tenant, 'x', [
        { event_id: 'january', timestamp: '2025-01-10T00:00:00Z' },
        { event_id: 'march', timestamp: '2025-03-10T00:00:00Z' },
      ]),
      batch(tenant, 'y', [
        { event_id: 'ancient', timestamp: '1999-01-01T00:00:00Z' },
        { event_id: odd, text: '{}', timestamp: '2025-03-11T00:00:00Z' },
        { event_id: 'not asked for' },
      ]),
    ])
    expect(await find(tenant, ['march', odd, 'january', 'ancient', 'march'])).toEqual({
      january: 'x',
      march: 'x',
      ancient: 'y',
      [odd]: 'y',
    })
  })

  it('leave out what is unknown, and have nothing for no ids', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'x', [{ event_id: 'known' }])])
    expect(await find(tenant, ['unknown', 'known', ''])).toEqual({ known: 'x' })
    expect(await find(tenant, ['unknown'])).toEqual({})
    expect(await find(tenant, [])).toEqual({})
  })

  it("leave out other tenants' events", async () => {
    const [mine, theirs] = [db.tenant(), db.tenant()]
    await history().append([batch(theirs, 'theirs', numbered('e', 2)), batch(mine, 'mine', numbered('e', 1))])
    expect(await find(mine, ['e-1', 'e-2'])).toEqual({ 'e-1': 'mine' })
    expect(await find(theirs, ['e-1', 'e-2'])).toEqual({ 'e-1': 'theirs', 'e-2': 'theirs' })
  })

  it('are those of the first event under an id, and none for an event that is only in the quarantine', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'first', [{ event_id: 'twice' }])])
    await history().append([batch(tenant, 'second', [{ event_id: 'twice', timestamp: '2025-05-01T00:00:00Z' }])])
    await history().quarantine({
      tenant,
      conversation_id: 'second',
      seq: 2,
      recorded_at: 0,
      event_id: 'refused',
      code: '22P02',
      reason: 'invalid',
      event: '{}',
    })
    expect(await find(tenant, ['twice', 'refused'])).toEqual({ twice: 'first' })
  })

  it('are gone after a clearing', async () => {
    const tenant = db.tenant()
    await history().append([batch(tenant, 'x', [{ event_id: 'e' }])])
    await history().clear(tenant, Date.now())
    expect(await find(tenant, ['e'])).toEqual({})
  })

  it('are found for as many ids as a request may hold events', async () => {
    const tenant = db.tenant()
    const events = numbered('e', MAX_REQUEST_EVENTS)
    await history().append([batch(tenant, 'x', events)])
    const found = await history().conversationsOfEvents(
      tenant,
      events.map((event) => event.event_id),
    )
    expect(found.size).toBe(MAX_REQUEST_EVENTS)
  })
})

describe('the conversation of an event', () => {
  it('is the one recorded first where rows under several timestamps hold its id', async () => {
    const tenant = db.tenant()
    for (const [conversation, month] of [
      ['first', '06'],
      ['second', '05'],
      ['third', '07'],
    ]) {
      await db.sql.query(
        `INSERT INTO events (tenant_id, event_id, conversation_id, seq, event_type, timestamp, recorded_at, event)
         VALUES ($1, 'e', $2, 1, 'A', $3, now(), '{}')`,
        [tenant, conversation, `2019-${month}-01T00:00:00Z`],
      )
    }
    expect([...(await db.history.conversationsOfEvents(tenant, ['e']))]).toEqual([['e', 'first']])
  })
})
