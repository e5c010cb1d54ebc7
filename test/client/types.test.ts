import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')

/** What the compiler says of the code, with the types of the given libraries and nothing else. */
async function compile(code: string, lib: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(ROOT, '.wrangler-types-'))
  try {
    writeFileSync(join(folder, 'code.ts'), code)
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ extends: '../tsconfig.base.json', compilerOptions: { lib, types: [] }, include: ['code.ts'] }),
    )
    const compiler = join(ROOT, 'node_modules/typescript/bin/tsc')
    return await promisify(execFile)(process.execPath, [compiler, '-p', folder]).then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    )
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const IMPORT =
  "import { type AgentEvent, EventPersistenceError, HttpEventStore, type StoredEvent, WrongExpectedSeqError } from '../src/client/index.ts'\n"

const USE = `${IMPORT}
await using store = new HttpEventStore({ url: 'https://x', apiKey: async () => 'key', buffer: { maxDelayMs: 5 }, retry: { attempts: 3 } })
const { signal } = new AbortController()
try {
  const { recorded } = await store.recordEvents(['{}'], { ack: 'persisted', expectedSeq: 3, onConflict: 'reject', signal })
  const counted: number = recorded
  for await (const item of store.readEvents({ eventType: 'NodeInvoke', order: 'desc', signal })) {
    const stored: StoredEvent<AgentEvent> = item
    if (stored.event.event_type === 'ToolInvoke') break
  }
  for await (const { seq } of store.readConversation('c', { after: counted, limit: 9, untilSeq: 9 })) seq satisfies number
} catch (thrown) {
  if (thrown instanceof WrongExpectedSeqError) thrown.headSeq satisfies number
  else if (thrown instanceof EventPersistenceError && thrown.repeatIsSafe) thrown.retryAfterMs satisfies number | undefined
}
export {}
`

describe('the types of the client', () => {
  it('are those of a browser, without Node or Workers', async () => {
    expect(await compile(USE, ['esnext', 'dom', 'dom.iterable'])).toBe('')
  })

  it.each([
    ['an option that there is not', "new HttpEventStore({ url: 'https://x', bufer: true })"],
    ['an address that is missing', 'new HttpEventStore({})'],
    ['a query in the wire’s names', "new HttpEventStore({ url: '' }).readEvents({ event_type: 'NodeInvoke' })"],
    ['a condition on a read', "new HttpEventStore({ url: '' }).getEvents({ expectedSeq: 3 })"],
  ])('refuse %s', async (_, code) => {
    expect(
      await compile(
        `${IMPORT}${code}\nexport type Used = [AgentEvent, StoredEvent<1>, EventPersistenceError, WrongExpectedSeqError]`,
        ['esnext', 'dom'],
      ),
    ).toMatch(/^\S*code\.ts/)
  })
})
