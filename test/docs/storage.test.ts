import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, read } from './markdown.ts'

const text = read('docs/storage.md')

const CONVERSATION = readdirSync(join(ROOT, 'src/conversation')).map((name) => `src/conversation/${name}`)

function tablesIn(source: string): string[] {
  return [...source.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(\w+) ?\(/g)].map(([, name = '']) => name)
}

describe('the page on what is stored', () => {
  it.each([
    ...readdirSync(join(ROOT, 'migrations')).map((name) => `migrations/${name}`),
    ...CONVERSATION,
    'src/store/in-memory/development-history.ts',
    'src/local/migrate.ts',
  ])('names every table of %s', (path) => {
    for (const table of tablesIn(read(path))) expect(text).toContain(`\`${table}\``)
  })

  it('names the tables that there are', () => {
    expect(CONVERSATION.flatMap((path) => tablesIn(read(path))).toSorted()).toEqual([
      'index_blocks',
      'segments',
      'state',
      'tickets',
    ])
  })

  it('names every column of an object and every member of its state', () => {
    const sources = CONVERSATION.map(read).join('\n')
    const tables = [...sources.matchAll(/CREATE TABLE (?:IF NOT EXISTS )?(?:segments|index_blocks|tickets) \(([^)]*)\)/g)]
    const names = tables.flatMap(([, columns = '']) => columns.split(',').map((column) => column.trim().split(/\s/)[0] ?? ''))
    for (const known of ['body', 'entries', 'maker']) expect(names).toContain(known)
    const [, state = ''] = /export interface LogState \{([\s\S]*?)\n\}/.exec(sources) ?? []
    const members = [...state.matchAll(/readonly (\w+)/g)].map(([, name = '']) => name)
    expect(members).toContain('persisted_seq')
    const ofObject = text.slice(text.indexOf("## The conversation's object"), text.indexOf("## The feed's object"))
    for (const name of [...names, ...members]) expect(ofObject).toContain(`\`${name}\``)
  })

  it('names the queues of the deployment', () => {
    const queues = [...read('wrangler.toml').matchAll(/^(?:queue|dead_letter_queue) = "(.+)"$/gm)].map(([, name = '']) => name)
    expect(queues.length).toBeGreaterThan(2)
    for (const queue of queues) {
      expect(text).toContain(`\`${queue}\``)
      expect(read('README.md')).toContain(`wrangler queues create ${queue}\n`)
    }
  })
})
