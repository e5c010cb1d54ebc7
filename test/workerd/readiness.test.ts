import { env } from 'cloudflare:workers'
import { expect, it } from 'vitest'
import { readConfiguration } from '../../src/env.ts'
import { createApp } from '../../src/http/app.ts'
import type { AppDeps } from '../../src/http/context.ts'
import { read } from './http-support.ts'

it('the probe that requests share goes on without the one that began it, and is waited for so long only', async () => {
  const configuration = readConfiguration(env)
  if (!configuration.ok) throw new Error('the settings of the tests are wrong')
  let end: (() => void) | undefined
  const waits: (() => void)[] = []
  const beside: Promise<unknown>[] = []
  const deps = {
    configuration: configuration.configuration,
    history: { ready: () => new Promise<void>((resolve) => (end = resolve)) },
    access: { missing: async () => [] },
    now: () => 0,
    wait: () => new Promise<void>((resolve) => waits.push(resolve)),
  } as unknown as AppDeps
  const app = createApp({ version: '0', log: () => undefined, open: () => ({ configuration, deps }) })
  const context = { waitUntil: (work: Promise<unknown>) => beside.push(work), passThroughOnException: () => undefined, props: {} }
  const ask = async () => read(await app.request('https://localhost/readyz', {}, env, context as unknown as ExecutionContext))

  const asked = [ask(), ask()]
  await expect.poll(() => waits.length).toBe(2)
  expect(beside).toHaveLength(1)
  waits[0]?.()
  expect(await asked[0]).toMatchObject({ status: 503, json: { type: 'urn:edge-event-store:problem:history-unavailable' } })
  end?.()
  expect(await asked[1]).toMatchObject({ status: 200 })
  await Promise.all(beside)
})
