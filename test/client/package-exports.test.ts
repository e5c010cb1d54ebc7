import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import * as publishing from '../../src/client/publishing/index.ts'
import * as helpers from '../../src/model/public.ts'

/** The values that a module of the package exports, as an application sees them. */
async function exportsOf(name: string): Promise<string[]> {
  const code = `console.log(Object.keys(await import(${JSON.stringify(name)})).join(' '))`
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: join(import.meta.dirname, '../..'),
  })
  return stdout.trim().split(' ')
}

describe('the package', () => {
  it('offers the stores of applications without the Worker at its root', async () => {
    const stores = ['eventGraph', 'EventStoreConfigurationError', 'InMemoryEventStore', 'PostgresEventStore', 'createEventStore']
    expect((await exportsOf('edge-event-store')).sort()).toEqual([...stores, ...Object.keys(helpers)].sort())
  })

  it('offers the client of the HTTP API', async () => {
    const client = ['ConflictingEventsError', 'HttpEventStore', 'WrongExpectedSeqError']
    expect((await exportsOf('edge-event-store/client')).sort()).toEqual(
      [...client, ...Object.keys(helpers), ...Object.keys(publishing)].sort(),
    )
  })

  it('offers the monitor apart from the client', async () => {
    expect((await exportsOf('edge-event-store/monitor')).sort()).toEqual(['EventMonitor', 'EventPersistenceError'])
  })
})
