import { describe, expect, it } from 'vitest'
import { credentialOf } from '../../src/http/authenticate.ts'
import type { AppDeps } from '../../src/http/context.ts'
import { HeldTickets } from '../../src/http/held-tickets.ts'
import { limitsOf } from '../../src/http/rate-limit.ts'
import type { StoredApiKey } from '../../src/model/api-keys.ts'
import type { StoredTicket } from '../../src/model/tickets.ts'
import { RequestFailure } from '../../src/protocol/failure.ts'
import { readConversationLive } from '../../src/protocol/operations.ts'
import { createAccess } from '../../src/security/access.ts'
import { generateTicket } from '../../src/security/ticket.ts'

const KEY: StoredApiKey = {
  key_id: 'k',
  tenant: 'acme',
  scopes: ['events:read'],
  application_name: null,
  created_at: '',
  created_by: 'command',
  expires_at: null,
  revoked_at: null,
  last_used_at: null,
  secret_hash: '',
}

/** One isolate, whose objects know the tickets given to `issue`. */
function isolate() {
  const stored = new Map<string, StoredTicket>()
  const seen = { calls: 0, attempts: 0 }
  let time = 1_000
  let refusing = false
  const held = new HeldTickets()
  const keys = { find: async () => KEY, touch: async () => undefined, anyUsable: async () => true }
  const now = () => time
  const deps = {
    access: createAccess({
      configuration: { environment: 'production', corsOrigins: [] },
      keys: keys as unknown as AppDeps['keys'],
      checkToken: null,
      now,
      wait: () => new Promise(() => undefined),
    }),
    conversations: ((tenant: string, id: string) => ({
      async findTicket(hash: string) {
        seen.calls += 1
        return stored.get(`${tenant} ${id} ${hash}`) ?? null
      },
    })) as unknown as AppDeps['conversations'],
    now,
  }
  return {
    seen,
    limit(refuses: boolean) {
      refusing = refuses
    },
    at(ms: number) {
      time = ms
    },
    async issue(id: string, expires_at = 10_000) {
      const { ticket, hash } = await generateTicket('acme')
      stored.set(`acme ${id} ${hash}`, { maker: { kind: 'key', key_id: 'k' }, expires_at })
      return ticket
    },
    show(id: string, ticket: string) {
      const request = new Request(`https://localhost/v1/conversations/${id}/live?ticket=${ticket}`)
      const credential = credentialOf(readConversationLive, request, { id }, deps, held)
      return credential.check({
        waitUntil: () => undefined,
        async countAttempt() {
          seen.attempts += 1
          if (refusing)
            throw new RequestFailure({ kind: 'rate-limited', policy: { name: 'p', limit: 1, seconds: 1, counts: 'c' } })
        },
      })
    },
  }
}

const limited = { failure: { kind: 'rate-limited' } }

describe('a ticket that is shown', () => {
  it('reaches no object when there were too many attempts, whatever conversation it names', async () => {
    const { limit, show, seen } = isolate()
    limit(true)
    for (let n = 0; n < 20; n++) await expect(show(`c${n}`, (await generateTicket('acme')).ticket)).rejects.toMatchObject(limited)
    expect(seen.calls).toBe(0)
  })

  it('counts as one attempt whether it holds or not, and calls the object once', async () => {
    const { show, issue, seen } = isolate()
    expect(await show('c', (await generateTicket('acme')).ticket)).toMatchObject({ ok: false })
    expect(seen).toEqual({ calls: 1, attempts: 1 })
    expect(await show('c', await issue('c'))).toMatchObject({ ok: true, principal: { tenant: 'acme', key_id: 'k' } })
    expect(seen).toEqual({ calls: 2, attempts: 2 })
  })

  it('is no attempt any more once it was seen to hold, until it expires', async () => {
    const { show, issue, seen, limit, at } = isolate()
    const ticket = await issue('c')
    await show('c', ticket)
    limit(true)
    expect(await show('c', ticket)).toMatchObject({ ok: true })
    expect(seen).toEqual({ calls: 2, attempts: 1 })
    at(10_000)
    await expect(show('c', ticket)).rejects.toMatchObject(limited)
    expect(seen.calls).toBe(2)
  })

  it('that holds for one conversation is an attempt for any other', async () => {
    const { show, issue, seen, limit } = isolate()
    const ticket = await issue('c')
    await show('c', ticket)
    limit(true)
    await expect(show('d', ticket)).rejects.toMatchObject(limited)
    expect(seen.calls).toBe(1)
  })

  it('that is none is refused without an object', async () => {
    const { show, seen } = isolate()
    expect(await show('c', 'evt_')).toMatchObject({ ok: false, failure: { kind: 'unauthenticated' } })
    expect(seen).toEqual({ calls: 0, attempts: 1 })
  })

  it('spends a request limit of its own, not that of the key that made it', async () => {
    const { show, issue } = isolate()
    const counted: string[] = []
    const limiter = {
      async limit({ key }: { key: string }) {
        counted.push(key)
        return { success: true }
      },
    }
    const { request } = limitsOf({ RATE_LIMITER: limiter }, () => undefined)
    const ticket = await issue('c')
    for (const shown of [ticket, ticket, await issue('c')]) {
      const authentication = await show('c', shown)
      if (authentication.ok) await request(authentication.principal)
    }
    await request({ kind: 'key', tenant: 'acme', key_id: 'k', subject: null })
    expect(counted).toHaveLength(4)
    expect(counted[0]).toMatch(/^ticket:[0-9a-f]{16}$/)
    expect(counted[1]).toBe(counted[0])
    expect(new Set(counted).size).toBe(3)
  })
})

describe('the tickets that an isolate has seen to hold', () => {
  const ticket = (n: number) => ({ hash: String(n), id: 'c' })

  it('are bounded in number: the first goes first', () => {
    const held = new HeldTickets()
    for (let n = 0; n <= 10_000; n++) held.add(ticket(n), 10, 0)
    expect([held.has(ticket(0), 0), held.has(ticket(1), 0), held.has(ticket(10_000), 0)]).toEqual([false, true, true])
  })

  it('are forgotten when they expire', () => {
    const held = new HeldTickets()
    held.add(ticket(1), 10, 0)
    expect([held.has(ticket(1), 9), held.has(ticket(1), 10)]).toEqual([true, false])
  })
})
