import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandsIn } from '../support/audit.ts'
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
    const off = { code: 0, text: 'acme: reads are not recorded in the audit log\n' }
    const on = { code: 0, text: 'acme: reads are recorded in the audit log\n' }
    expect(await tenant(['--tenant', 'acme'])).toEqual(off)
    expect(await tenant(['--tenant', 'acme', '--audit-reads', 'on'])).toEqual(on)
    expect(await tenant(['--tenant', 'other'])).toMatchObject({ text: expect.stringContaining('not recorded') })
    expect(await tenant(['--tenant', 'acme'])).toEqual(on)
    expect(await tenant(['--tenant', 'acme', '--audit-reads', 'off'])).toEqual(off)
    const entry = { tenant_id: 'acme', subject: 'role:postgres', resource: null, outcome: 'ok' }
    expect(await commandsIn(database.databaseUrl)).toEqual([
      { ...entry, operation: 'npm run tenant --audit-reads on' },
      { ...entry, operation: 'npm run tenant --audit-reads off' },
    ])
  })

  it.each([[[]], [['--tenant', '']], [['--tenant', 'acme', '--audit-reads', 'yes']], [['--unknown']]])(
    'says what it takes when given %j',
    async (parameters) => {
      const { code, text } = await tenant(parameters)
      expect(code).toBe(1)
      expect(text).toMatch(/npm run tenant|--unknown/)
    },
  )

  it('says that it needs a database', async () => {
    expect(await tenant(['--tenant', 'acme'], '')).toMatchObject({ code: 1, text: expect.stringContaining('DATABASE_URL') })
  })
})
