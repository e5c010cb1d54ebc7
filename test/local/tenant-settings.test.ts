import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsIn } from '../support/audit.ts'
import { createKey } from '../support/keys.ts'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'

const root = join(import.meta.dirname, '../..')
let database: TestDatabase

beforeAll(async () => {
  database = await startTestDatabase()
})
afterAll(() => database?.stop())

/** Runs the command; gives its exit code and what it wrote. */
function tenant(parameters: readonly string[], databaseUrl = database.databaseUrl): Promise<{ code: number; text: string }> {
  const env = { ...process.env, DATABASE_URL: databaseUrl }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, ['src/local/tenant-settings.ts', ...parameters], { cwd: root, env }, (_, out, err) =>
      resolve({ code: child.exitCode ?? -1, text: `${out}${err}` }),
    )
  })
}

describe('the command for the settings of a tenant', () => {
  it('switches the recording of reads on and off, and tells how it stands', async () => {
    await createKey(database, 'acme', ['admin'])
    const off = { code: 0, text: 'acme: reads are not recorded in the audit log\n' }
    const on = { code: 0, text: 'acme: reads are recorded in the audit log\n' }
    expect(await tenant(['--tenant', 'acme'])).toEqual(off)
    expect(await tenant(['--tenant', 'acme', '--audit-reads', 'on'])).toEqual(on)
    await createKey(database, 'other', ['admin'])
    expect(await tenant(['--tenant', 'other'])).toEqual({ ...off, text: off.text.replace('acme', 'other') })
    expect(await tenant(['--tenant', 'acme'])).toEqual(on)
    expect(await tenant(['--tenant', 'acme', '--audit-reads', 'off'])).toEqual(off)
    const entry = { tenant_id: 'acme', subject: 'role:postgres', resource: null, outcome: 'ok' }
    expect(await commandsIn(database.databaseUrl)).toEqual([
      { ...entry, operation: 'npm run tenant --audit-reads on' },
      { ...entry, operation: 'npm run tenant --audit-reads off' },
    ])
  })

  it('says that nothing is known of a tenant, and sets it ahead', async () => {
    const unknown = 'nothing is known of a tenant "nope" in the database of DATABASE_URL\n'
    expect(await tenant(['--tenant', 'nope'])).toEqual({
      code: 0,
      text: `nope: reads are not recorded in the audit log\n${unknown}`,
    })
    const set = await tenant(['--tenant', 'nope', '--audit-reads', 'on'])
    expect(set).toEqual({ code: 0, text: `nope: reads are recorded in the audit log\n${unknown}` })
    expect(await tenant(['--tenant', 'nope'])).toEqual({ code: 0, text: 'nope: reads are recorded in the audit log\n' })
  })

  it.each([[[]], [['--tenant', '']], [['--tenant', 'acme', '--audit-reads', 'yes']], [['--unknown']]])(
    'says what it takes when given %j',
    async (parameters) => {
      const { code, text } = await tenant(parameters)
      expect(code).toBe(2)
      expect(text).toContain('usage: npm run tenant')
      expect(text).not.toContain('    at ')
    },
  )

  it('says that it needs a database', async () => {
    expect(await tenant(['--tenant', 'acme'], '')).toMatchObject({ code: 2, text: expect.stringContaining('DATABASE_URL') })
  })
})
