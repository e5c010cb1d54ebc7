import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const ROOT = join(import.meta.dirname, '../..')

/** An application of its own that has installed the package, as npm would lay it out. */
let application: string

beforeAll(async () => {
  application = mkdtempSync(join(tmpdir(), 'event-store-package-'))
  const modules = join(application, 'node_modules')
  mkdirSync(modules)
  const installed = join(modules, 'edge-event-store')
  await run(process.execPath, [join(ROOT, 'src/local/build-package.ts'), '--out', installed])
  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies, typescript: '', '@types/node': '' })) {
    if (name.includes('/')) mkdirSync(join(modules, name.split('/')[0] as string), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules', name), join(modules, name))
  }
})
afterAll(() => rmSync(application, { recursive: true, force: true }))

describe('the package that applications install', () => {
  it('needs only what its files import', () => {
    const { dependencies } = JSON.parse(readFileSync(join(application, 'node_modules/edge-event-store/package.json'), 'utf8'))
    expect(Object.keys(dependencies).sort()).toEqual(['@neondatabase/serverless', 'drizzle-orm'])
  })

  it('takes the application’s own zod, of which there must be one', () => {
    const manifest = JSON.parse(readFileSync(join(application, 'node_modules/edge-event-store/package.json'), 'utf8'))
    expect(manifest.peerDependencies.zod).toMatch(/^\^4\./)
  })

  it('has the documents that its README names', () => {
    const installed = join(application, 'node_modules/edge-event-store')
    const links = [...readFileSync(join(installed, 'README.md'), 'utf8').matchAll(/\]\((docs\/[^)#]+)/g)].map(
      ([, link]) => link as string,
    )
    expect(links.length).toBeGreaterThan(0)
    expect(links.filter((link) => !existsSync(join(installed, link)))).toEqual([])
  })

  it('is not built over anything else', async () => {
    const taken = mkdtempSync(join(tmpdir(), 'event-store-taken-'))
    const build = () => run(process.execPath, [join(ROOT, 'src/local/build-package.ts'), '--out', taken])
    writeFileSync(join(taken, 'thesis.txt'), 'all of it')
    await expect(build()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('holds something else') })
    writeFileSync(join(taken, 'package.json'), '{ "name": "another" }')
    await expect(build()).rejects.toMatchObject({ code: 1 })
    expect(readFileSync(join(taken, 'thesis.txt'), 'utf8')).toBe('all of it')
    // The project itself bears the name, too.
    writeFileSync(join(taken, 'package.json'), '{ "name": "edge-event-store" }')
    mkdirSync(join(taken, 'src'))
    await expect(build()).rejects.toMatchObject({ code: 1 })
    rmSync(taken, { recursive: true })
  })

  it('runs in Node without building anything', async () => {
    writeFileSync(
      join(application, 'record.mjs'),
      `import { InMemoryEventStore, toolInvoke, invokeContext } from 'edge-event-store'
       import { HttpEventStore } from 'edge-event-store/client'
       const store = new InMemoryEventStore()
       const context = invokeContext({ conversation_id: 'conversation-1' })
       await store.recordEvent(toolInvoke({ invoke_context: context, name: 'Search', type: 'Search', input_data: [] }))
       const events = await store.getConversationEvents('conversation-1')
       console.log(events.map((event) => event.event_type).join(), typeof new HttpEventStore({ url: 'http://127.0.0.1:1' }).recordEvent)`,
    )
    const { stdout } = await run(process.execPath, ['record.mjs'], { cwd: application })
    expect(stdout).toBe('ToolInvoke function\n')
  })

  it('brings types that a strict application compiles with', async () => {
    const code = `import { createEventStore, type EventStore, InMemoryEventStore, isToolRespond } from 'edge-event-store'
       import { EventPublisher, HttpEventStore } from 'edge-event-store/client'
       import { EventMonitor, type UnfinishedRequest } from 'edge-event-store/monitor'
       const publisher = new EventPublisher()
       const stores: EventStore[] = [new InMemoryEventStore(), createEventStore({}), new HttpEventStore({ url: 'http://127.0.0.1:1' })]
       const open: UnfinishedRequest[] = await Array.fromAsync(new EventMonitor({ url: 'http://127.0.0.1:1' }).unfinished())
       console.log(open[0]?.unfinished[0]?.event_id)
       const store: EventStore = new InMemoryEventStore()
       for (const event of await store.getEvents()) if (isToolRespond(event)) console.log(event.data.output_data, stores.length, publisher)`
    expect(await compile('record.ts', code)).toBe('')
  })

  it('brings types for Temporal, too', async () => {
    const code = `import { EventPublisher } from 'edge-event-store/client'
       import { temporalActivityContext } from 'edge-event-store/temporal/activity'
       import { publishFromWorkflow } from 'edge-event-store/temporal/workflow'
       console.log(new EventPublisher({ context: [temporalActivityContext()] }), publishFromWorkflow)`
    // Temporal's own declarations name packages that it does not bring.
    expect(await compile('temporal.ts', code, ['--skipLibCheck'])).toBe('')
  })
})

/** What the compiler complains of, in the declarations of packages as well. */
async function compile(file: string, code: string, more: readonly string[] = []): Promise<string> {
  writeFileSync(join(application, 'package.json'), '{ "type": "module" }')
  writeFileSync(join(application, file), code)
  const options = '--strict --noEmit --module nodenext --target es2022 --lib esnext,dom --types node'.split(' ')
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
  const compiling = run(process.execPath, [compiler, ...options, ...more, file], { cwd: application })
  return (await compiling.catch((failed: { stdout: string }) => failed)).stdout
}
