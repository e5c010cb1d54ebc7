import { execFile, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeBlocks, read, section, tableRows } from './docs/markdown.ts'
import { startTestService, type TestService } from './support/service.ts'
import { waitFor } from './support/wait-for.ts'

const text = read('README.md')

const curl = spawnSync('curl', ['--version']).status === 0

describe.skipIf(!curl)('the commands of the README (skipped where curl is not installed)', () => {
  const blocks = codeBlocks(text)
  const commands = blocks.filter((block) => block.info === 'sh run').map((block) => block.code)
  let service: TestService

  beforeAll(async () => {
    service = await startTestService({ history: 'postgres' })
  })
  afterAll(() => service?.stop())

  async function run(command: string | undefined): Promise<string> {
    const local = (command ?? '').replace('http://127.0.0.1:8787', service.url)
    return (await promisify(execFile)('sh', ['-c', local])).stdout
  }

  /** What Postgres answers, once it has the event. */
  function found(command: string | undefined): Promise<string> {
    return waitFor(`an answer to ${command}`, 20, async () => {
      const answer = await run(command)
      return answer.includes('urn:edge-event-store:problem') || answer.includes('"items":[]') ? null : answer
    })
  }

  it('record an event and find it by every key, as it was sent', async () => {
    const [record, conversation, event, request, summary, ...more] = commands
    expect(more).toEqual([])
    const [expected] = blocks.filter((block) => block.info === 'json')
    expect(JSON.parse(await run(record))).toEqual(JSON.parse(expected?.code ?? ''))
    expect(JSON.parse(await run(record))).toMatchObject({ recorded: 0, duplicates: 1 })
    const [, sent = ''] = /-d '([\s\S]*)'/.exec(record ?? '') ?? []
    expect(sent).toContain('1756377611078069123')
    expect(await run(conversation)).toContain(`"event":${sent}}],"next_cursor":null}`)
    expect(await found(event)).toContain(`"event":${sent}}`)
    expect(await found(request)).toContain(`"event":${sent}}],"next_cursor":null}`)
    expect(JSON.parse(await found(summary))).toMatchObject({ total_requests: 0, unfinished: [{ event_id: 'event-1' }] })
  })
})

describe('the configuration in the README', () => {
  const rows = tableRows(section(text, '## Configuration')).map((row) => row.map((cell) => cell.replaceAll('`', '')))
  const settings = rows
    .filter(([, kind = '']) => ['variable', 'secret'].includes(kind))
    .map(([name, kind, value]) => ({ name, kind, value }))

  it('names every setting that the Worker reads, and no other', () => {
    const source = `${read('src/env.ts')}\n${read('src/conversation/conversation-object.ts')}`
    const found = new Set([...source.matchAll(/readonly ([A-Z][A-Z_]+)\??: string/g)].map(([, name]) => name))
    expect(found.size).toBeGreaterThan(4)
    expect(settings.map(({ name }) => name).sort()).toEqual([...found].sort())
  })

  it('states the values of wrangler.toml', () => {
    const [, vars = ''] = /\[vars\]\n([\s\S]*?)\n\[/.exec(read('wrangler.toml')) ?? []
    const set = [...vars.matchAll(/^(\w+) = "(.*)"$/gm)].map(([, name, value]) => ({ name, kind: 'variable', value }))
    expect(set.length).toBeGreaterThan(1)
    expect(settings).toEqual(expect.arrayContaining(set))
  })

  it('names every variable that the commands read', () => {
    const sources = ['start.ts', 'demo.ts', 'migrate.ts', 'keys.ts'].map((name) => read(`src/local/${name}`)).join('\n')
    const named = rows.filter(([, command = '']) => command.startsWith('npm ')).map(([name]) => name)
    const found = [...sources.matchAll(/process\.env\.([A-Z_]+)/g)].map(([, name]) => name)
    expect([...new Set(named)].sort()).toEqual([...new Set(found)].sort())
  })
})
