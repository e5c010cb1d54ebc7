import type { NewApiKey } from '../../src/model/api-keys.ts'
import { type Access, type Authentication, createAccess } from '../../src/security/access.ts'
import { generateKey } from '../../src/security/api-key.ts'
import type { CheckToken } from '../../src/security/jwt.ts'
import { InMemoryKeyDirectory } from '../../src/store/in-memory/key-directory.ts'

export interface AccessSetting {
  readonly environment?: 'development' | 'production'
  readonly checkToken?: CheckToken | null
  readonly url?: string
  readonly headers?: Record<string, string>
  readonly corsOrigins?: readonly string[]
}

/** Access by a directory of its own, and what it did beside its answers. */
export function accessOf({
  environment = 'production',
  checkToken = null,
  url = 'https://events.example/v1/events',
  headers = {},
  corsOrigins = [],
}: AccessSetting = {}) {
  const state = { now: Date.UTC(2026, 0, 1), attempts: 0, room: true }
  const keys = new InMemoryKeyDirectory(undefined, () => state.now)
  const work: Promise<unknown>[] = []
  const access: Access = createAccess({
    configuration: { environment, corsOrigins },
    keys,
    checkToken,
    now: () => state.now,
    wait: () => new Promise(() => undefined),
  })
  const surroundings = {
    waitUntil: (promise: Promise<unknown>) => void work.push(promise),
    countAttempt: async () => {
      state.attempts += 1
      if (!state.room) throw new Error('too many')
    },
  }
  const ask = (authorization?: string): Promise<Authentication> =>
    access.authenticate(
      new Request(url, { headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) } }),
      surroundings,
    )
  const newKey = async (more: Partial<NewApiKey> = {}) => {
    const { key, key_id, secret_hash } = await generateKey()
    const none = { application_name: null, expires_at: null }
    await keys.create({ key_id, tenant: 'acme', secret_hash, scopes: ['events:read'], created_by: 'command', ...none, ...more })
    return key
  }
  return { access, keys, state, ask, newKey, settled: () => Promise.all(work.splice(0)) }
}

export const kindOf = (authentication: Authentication) => (authentication.ok ? 'ok' : authentication.failure.kind)
