import { runDurableObjectAlarm } from 'cloudflare:test'
import { describe, expect, it } from 'vitest'
import { MAX_TICKETS } from '../../src/model/limits.ts'
import type { StoredTicket } from '../../src/model/tickets.ts'
import { generateTicket, readTicket } from '../../src/security/ticket.ts'
import { call, newId, post } from './http-support.ts'
import { live } from './live-support.ts'
import { Conversation } from './support.ts'

const ask = (id: string) => call(`/v1/conversations/${id}/ticket`, { method: 'POST' })
const liveWith = (id: string, ticket: string) => call(`/v1/conversations/${id}/live?ticket=${ticket}`)

async function recorded(): Promise<string> {
  const conversation_id = newId()
  await post([{ event_id: newId(), conversation_id }])
  return conversation_id
}

const stored = (conversation: Conversation) =>
  conversation.inside(async (_, { storage }) => ({
    tables: storage.sql
      .exec<{ name: string }>("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
      .toArray()
      .map(({ name }) => name)
      .sort(),
    alarm: await storage.getAlarm(),
  }))

const ticketUntil = (expires_at: number): StoredTicket => ({ maker: { kind: 'open' }, expires_at })
const passed = async (at: number) => {
  while (Date.now() < at) await new Promise((resolve) => setTimeout(resolve, 5))
}

describe('a ticket', () => {
  it('reads its conversation live, again and again', async () => {
    const id = await recorded()
    const { status, json, headers } = await ask(id)
    expect([status, json.conversation_id, headers.get('Cache-Control')]).toEqual([201, id, 'no-store'])
    const left = Date.parse(String(json.expires_at)) - Date.now()
    expect(left).toBeGreaterThan(590_000)
    expect(left).toBeLessThanOrEqual(600_000)
    for (let n = 0; n < 2; n++) {
      const stream = await live(`/v1/conversations/${id}/live?ticket=${json.ticket}`)
      await stream.upTo(1)
      await stream.close()
    }
  })

  it('is refused for another conversation, and where it was changed', async () => {
    const [id, other] = [await recorded(), await recorded()]
    const ticket = String((await ask(id)).json.ticket)
    const foreign = (await generateTicket('globex')).ticket
    const details = new Set<unknown>()
    for (const [where, what] of [
      [other, ticket],
      [id, `${ticket.slice(0, 10)}${ticket[10] === 'a' ? 'b' : 'a'}${ticket.slice(11)}`],
      [id, `${ticket}A`],
      [id, ticket.slice(0, -1)],
      [id, foreign],
      [id, 'evt_'],
      ['%00', ticket],
    ] as const) {
      const answer = await liveWith(where, what)
      expect([what, answer.status]).toEqual([what, 401])
      expect(answer.text).not.toContain(what.slice(4) || '\0')
      details.add(answer.json.detail)
    }
    expect(details.size).toBe(1)
  })

  it('is taken nowhere else, and no other credential in its place', async () => {
    const id = await recorded()
    const ticket = String((await ask(id)).json.ticket)
    const asBearer = { headers: { Authorization: `Bearer ${ticket}` } }
    expect((await call(`/v1/conversations/${id}/events`, asBearer)).status).toBe(401)
    expect((await call(`/v1/conversations/${id}/live`, asBearer)).status).toBe(401)
    for (const path of [
      `/v1/conversations/${id}/events?ticket=${ticket}`,
      `/v1/conversations/${id}?ticket=${ticket}`,
      `/v1/events?ticket=${ticket}`,
      `/v1/conversations/${id}/live?token=${ticket}`,
      `/v1/conversations/${id}/live?Ticket=${ticket}`,
      `/v1/conversations/${id}/live?ticket=evs_abcdefghijklmnop_secret`,
      `/v1/conversations/${id}/live?ticket=`,
      `/v1/conversations/${id}/live?ticket=${ticket}&ticket=evs_abcdefghijklmnop_secret`,
    ]) {
      const answer = await call(path)
      expect([path, answer.status]).toEqual([path, 400])
      expect(answer.text).toContain('no place for a credential')
      expect(answer.text).toContain('GET /v1/conversations/{id}/live')
      expect(answer.text).not.toContain(ticket)
    }
    expect((await call(`/v1/conversations/${id}/ticket?ticket=${ticket}`, { method: 'POST' })).status).toBe(400)
    const both = await call(`/v1/conversations/${id}/live?ticket=${ticket}`, { headers: { Authorization: 'Bearer evs_x' } })
    expect([both.status, both.text.includes('send one of them')]).toEqual([400, true])
  })

  it('names its tenant, whatever characters that has, and holds nothing of the conversation', async () => {
    for (const tenant of ['a', 'Größe \u{1f600}/"x"', '\ufeffx', 'é'.repeat(256)]) {
      const { ticket, hash } = await generateTicket(tenant)
      expect(ticket).toMatch(/^evt_[A-Za-z0-9_-]+$/)
      expect(await readTicket(ticket)).toEqual({ tenant, hash })
    }
    for (const text of [
      '',
      'evt_',
      `evt_${'A'.repeat(43)}`,
      `evt_${'A'.repeat(45)}`,
      `evt_${'A'.repeat(2001)}`,
      `x${(await generateTicket('a')).ticket}`,
    ])
      expect(await readTicket(text)).toBeNull()
  })
})

describe('the tickets of a conversation', () => {
  it('are kept as hashes', async () => {
    const conversation = new Conversation()
    const ticket = String((await ask(conversation.id)).json.ticket)
    const rows = await conversation.inside((_, { storage }) => storage.sql.exec('SELECT * FROM tickets').toArray())
    expect(rows).toEqual([{ hash: (await readTicket(ticket))?.hash, maker: '{"kind":"open"}', expires_at: expect.any(Number) }])
  })

  it('are bounded, and those that expired make room', async () => {
    const conversation = new Conversation()
    await conversation.rpc.addTicket('h0', ticketUntil(Date.now() + 60_000))
    await conversation.inside((_, { storage }) => {
      for (let n = 1; n < MAX_TICKETS; n++)
        storage.sql.exec('INSERT INTO tickets (hash, maker, expires_at) VALUES (?, ?, ?)', `h${n}`, '{}', Date.now() + 60_000)
    })
    const refused = await ask(conversation.id)
    expect([refused.status, refused.headers.get('Retry-After')]).toEqual([429, '600'])
    await conversation.inside((_, { storage }) => void storage.sql.exec('UPDATE tickets SET expires_at = ?', Date.now()))
    expect((await ask(conversation.id)).status).toBe(201)
    expect(await conversation.inside((_, { storage }) => storage.sql.exec('SELECT count(*) AS n FROM tickets').one())).toEqual({
      n: 1,
    })
  })

  it('leave nothing of a conversation that never came to be', async () => {
    const conversation = new Conversation()
    const soon = Date.now() + 1_000
    await conversation.rpc.addTicket('h', ticketUntil(soon))
    expect(await stored(conversation)).toEqual({ tables: ['tickets'], alarm: soon })
    expect(await conversation.rpc.findTicket('h')).toEqual(ticketUntil(soon))
    await passed(soon)
    expect(await conversation.rpc.findTicket('h')).toBeNull()
    // It may ring by itself meanwhile.
    await runDurableObjectAlarm(conversation.object)
    await expect.poll(() => stored(conversation)).toEqual({ tables: [], alarm: null })
    await conversation.record(newId())
    expect((await conversation.read()).items).toHaveLength(1)
  })

  it('are dropped from one that goes on, whose own alarm stays', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record(newId())
    await conversation.confirm()
    const soon = Date.now() + 1_000
    await conversation.rpc.addTicket('h', ticketUntil(soon))
    await conversation.rpc.addTicket('later', ticketUntil(soon + 60_000))
    expect((await stored(conversation)).alarm).toBe(soon)
    await passed(soon)
    await runDurableObjectAlarm(conversation.object)
    await expect.poll(async () => (await stored(conversation)).alarm).toBe(soon + 60_000)
    expect((await stored(conversation)).tables).toContain('segments')
    expect(await conversation.inside((_, { storage }) => storage.sql.exec('SELECT hash FROM tickets').toArray())).toEqual([
      { hash: 'later' },
    ])
  })

  it('do not put off the notice that a conversation repeats', async () => {
    const conversation = new Conversation()
    await conversation.quiet()
    await conversation.record(newId())
    const { alarm } = await stored(conversation)
    await conversation.rpc.addTicket('h', ticketUntil(Date.now() + 600_000))
    expect(alarm).not.toBeNull()
    expect((await stored(conversation)).alarm).toBe(alarm)
  })

  it('are looked for without a trace', async () => {
    const conversation = new Conversation()
    expect(await conversation.rpc.findTicket('h')).toBeNull()
    expect(await stored(conversation)).toEqual({ tables: [], alarm: null })
  })
})
