import { createExecutionContext, createMessageBatch, getQueueResult, waitOnExecutionContext } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Bindings } from '../../src/env.ts'
import type { AuditEntry } from '../../src/model/audit.ts'
import worker from '../../src/worker.ts'
import { sampleEvent } from '../conversation/samples.ts'
import { entry } from '../security/audit/samples.ts'
import { newId, post } from './http-support.ts'
import { TENANT } from './support.ts'

type Send = (entries: readonly AuditEntry[]) => Promise<void>

/** Asks a Worker whose queue for entries is `send`; what goes on after the answer has then been left running. */
async function ask(path: string, init: RequestInit, send: Send, more: Partial<Bindings> = {}) {
  const sendBatch = async (messages: Iterable<MessageSendRequest<AuditEntry>>) => send([...messages].map(({ body }) => body))
  const context = createExecutionContext()
  const bindings = { ...env, AUDIT: { sendBatch } as unknown as Queue<AuditEntry>, ...more }
  const answer = await worker.fetch(
    new Request(`https://localhost${path}`, init) as Request<unknown, IncomingRequestCfProperties>,
    bindings,
    context,
  )
  return { answer, context }
}

function listen(level: 'info' | 'warn' | 'error') {
  const spy = vi.spyOn(console, level).mockImplementation(() => undefined)
  return () => spy.mock.calls.map(([line]) => JSON.parse(line as string) as Record<string, unknown>)
}

const CLEAR = `/v1/events?confirm=${TENANT}`

afterEach(() => {
  vi.restoreAllMocks()
})

describe('an audited request', () => {
  it('is answered after the queue has its entry where it cannot be undone', async () => {
    const steps: string[] = []
    const { answer } = await ask(CLEAR, { method: 'DELETE' }, async (entries) => {
      await new Promise((resolve) => setTimeout(resolve, 20))
      steps.push(...entries.map(({ operation, outcome }) => `${operation} ${outcome}`))
    })
    steps.push(`answered ${answer.status}`)
    expect(steps).toEqual(['DELETE /v1/events ok', 'answered 200'])
  })

  it('is answered without waiting for the queue where it only reads', async () => {
    const steps: string[] = []
    let release = () => undefined as undefined
    const held = new Promise<void>((resolve) => {
      release = () => void resolve() as undefined
    })
    const { answer, context } = await ask('/v1/quarantine', {}, async (entries) => {
      await held
      steps.push(...entries.map(({ operation }) => operation))
    })
    steps.push(`answered ${answer.status}`)
    release()
    await waitOnExecutionContext(context)
    expect(steps).toEqual(['answered 200', 'GET /v1/quarantine'])
  })

  it.each(['POST /v1/keys', 'POST /v1/events'])('goes on to its end when its client leaves: %s', async (operation) => {
    const steps: string[] = []
    const [method = '', path = ''] = operation.split(' ')
    const conversation_id = newId()
    const event = sampleEvent({ event_id: newId(), conversation_id })
    const body = JSON.stringify(path === '/v1/keys' ? { scopes: ['events:read'] } : event)
    const init = { method, body, headers: { 'Content-Type': 'application/json' } }
    const context = createExecutionContext()
    const sendBatch = async () => new Promise<void>((resolve) => setTimeout(resolve, 20))
    const bindings = { ...env, AUDIT: { sendBatch } as unknown as Queue<AuditEntry> }
    const request = new Request(`https://localhost${path}`, init) as Request<unknown, IncomingRequestCfProperties>
    void Promise.resolve(worker.fetch(request, bindings, context)).then(({ status }) => steps.push(`answered ${status}`))
    await waitOnExecutionContext(context)
    expect(steps).toEqual(['answered 201'])
  })

  it('says what was cleared when only part of it could be done', async () => {
    const logged = listen('info')
    const conversation_id = newId()
    await post([{ event_id: newId(), conversation_id }], '?ack=persisted')
    const away = () => {
      throw new Error('no object can be reached')
    }
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    const more = { CONVERSATIONS: { getByName: away } as unknown as Bindings['CONVERSATIONS'] }
    const { answer } = await ask(CLEAR, { method: 'DELETE' }, send, more)
    expect(answer.status).toBe(503)
    expect(entries).toMatchObject([{ operation: 'DELETE /v1/events', outcome: 'failed', status: 503 }])
    expect(entries[0]?.count).toBeGreaterThan(0)
    expect(logged().find(({ message }) => message === 'cleared a tenant')).toMatchObject({ conversations: entries[0]?.count })
  })

  it('leaves what a runtime says of a value out of the log', async () => {
    const logged = listen('warn')
    const away = () => {
      throw new SyntaxError('Unexpected token P, "PlantedSecret" is not valid JSON')
    }
    const more = { DEVELOPMENT_HISTORY: { getByName: away } as unknown as Bindings['DEVELOPMENT_HISTORY'] }
    const { answer } = await ask(CLEAR, { method: 'DELETE' }, async () => undefined, more)
    const lines = JSON.stringify(logged())
    expect(`${answer.status} ${lines}`).toMatch(/SyntaxError at .*audit\.test/)
    expect(lines + (await answer.text())).not.toContain('Planted')
  })

  it('is answered as ever when the queue refuses, and stands in the log', async () => {
    const logged = listen('error')
    const { answer } = await ask(CLEAR, { method: 'DELETE' }, () => Promise.reject(new Error('over quota')))
    expect(answer.status).toBe(200)
    const line = logged().find(({ message }) => message === 'an audit entry could not be queued')
    expect(JSON.parse(line?.entry as string)).toMatchObject({ tenant: 'default', operation: 'DELETE /v1/events', outcome: 'ok' })
  })

  it('has one entry as lines, when they have ended, with what was read', async () => {
    const conversation_id = newId()
    await post(
      [1, 2, 3].map(() => ({ event_id: newId(), conversation_id })),
      '?ack=persisted',
    )
    const entries: AuditEntry[] = []
    const { answer, context } = await ask('/v1/events?limit=2', { headers: { Accept: 'application/x-ndjson' } }, async (sent) => {
      entries.push(...sent)
    })
    expect(entries).toEqual([])
    expect((await answer.text()).trimEnd().split('\n')).toHaveLength(2)
    await waitOnExecutionContext(context)
    expect(entries).toMatchObject([{ operation: 'GET /v1/events', count: 2, outcome: 'ok', status: 200 }])
  })

  it('has an entry at its start where it is live, and one with what was read at its end', async () => {
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    const { answer, context } = await ask('/v1/events/live', {}, send)
    const reader = answer.body?.getReader()
    await reader?.read()
    await vi.waitFor(() => expect(entries).toMatchObject([{ operation: 'GET /v1/events/live', count: null, outcome: 'ok' }]))
    await reader?.cancel()
    await waitOnExecutionContext(context)
    expect(entries).toMatchObject([{}, { operation: 'GET /v1/events/live', outcome: 'ok', status: 200 }])
  })

  it('has an entry as lines that are broken off or left, as failed', async () => {
    const conversation_id = newId()
    await post(
      [1, 2, 3].map(() => ({ event_id: newId(), conversation_id })),
      '?ack=persisted',
    )
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    const { answer, context } = await ask('/v1/events', { headers: { Accept: 'application/x-ndjson' } }, send)
    await answer.body?.cancel()
    await waitOnExecutionContext(context)
    expect(entries).toMatchObject([{ operation: 'GET /v1/events', outcome: 'failed', status: 200 }])
  })

  it('has an entry at once where only the head of lines is asked for', async () => {
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    const init = { method: 'HEAD', headers: { Accept: 'application/x-ndjson' } }
    const { context } = await ask('/v1/events', init, send)
    await waitOnExecutionContext(context)
    expect(entries).toMatchObject([{ operation: 'GET /v1/events', outcome: 'ok' }])
  })

  it('has an entry as a refused export', async () => {
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    const { context } = await ask('/v1/events?after=wrong', { headers: { Accept: 'application/x-ndjson' } }, send)
    await waitOnExecutionContext(context)
    expect(entries).toMatchObject([{ operation: 'GET /v1/events', outcome: 'failed', status: 400 }])
  })

  it('has no entry for recording, nor for reads that nobody asked to have recorded', async () => {
    const entries: AuditEntry[] = []
    const send: Send = async (sent) => void entries.push(...sent)
    for (const [path, init] of [
      [
        '/v1/events',
        {
          method: 'POST',
          body: JSON.stringify(sampleEvent({ event_id: newId(), conversation_id: newId() })),
          headers: { 'Content-Type': 'application/json' },
        },
      ],
      ['/v1/events', {}],
      ['/v1/conversations/none/events', {}],
      ['/healthz', {}],
      ['/nowhere', {}],
    ] as const) {
      const { context } = await ask(path, init, send)
      await waitOnExecutionContext(context)
    }
    expect(entries).toEqual([])
  })
})

describe('the queue of the audit log', () => {
  const deliver = async (queue: string, entries: readonly AuditEntry[]) => {
    const batch = createMessageBatch<AuditEntry>(
      queue,
      entries.map((body, i) => ({ id: String(i), timestamp: new Date(), attempts: 1, body })),
    )
    await worker.queue(batch, env)
    return getQueueResult(batch, createExecutionContext())
  }

  it('brings entries into the log once, however often it delivers them', async () => {
    const tenant = TENANT
    const [first, second] = [entry(1, { id: newId(), tenant, operation: newId() }), entry(2, { id: newId(), tenant })]
    for (const entries of [[first], [first, second], [second, first]]) {
      expect(await deliver('edge-event-store-audit', entries)).toMatchObject({ outcome: 'ok', retryMessages: [] })
    }
    const { answer } = await ask(`/v1/audit?operation=${first.operation}`, {}, async () => undefined)
    const { tenant: _tenant, ...expected } = first
    expect(await answer.json()).toMatchObject({ items: [expected], next_cursor: null })
  })

  it('ends in the log of the Worker for what was given up on', async () => {
    const logged = listen('error')
    expect(await deliver('edge-event-store-audit-dead', [entry(1)])).toMatchObject({ retryMessages: [] })
    expect(logged()).toMatchObject([{ message: 'an audit entry was given up on' }])
    expect(JSON.parse(logged()[0]?.entry as string)).toEqual(entry(1))
  })
})
