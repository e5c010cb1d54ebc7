import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ROOT, read, section, tableRows } from './markdown.ts'

const text = read('docs/operations.md')

const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.startsWith('local'))
  .map((path) => read(`src/${path}`))

/** The messages of a call: what stands in quotes but for levels and kinds, which are single words of another list. */
function quoted(call: string): string[] {
  return [...call.matchAll(/'([^']+)'/g)].map(([, text = '']) => text).filter((text) => !NO_MESSAGES.includes(text))
}

const NO_MESSAGES = ['debug', 'info', 'warn', 'error', 'internal']

describe('the page on operations', () => {
  it('explains every message that the Worker logs, and no other', () => {
    const explained = tableRows(section(text, '## Logs')).map(([message = '']) => message.replaceAll('`', ''))
    const logged = sources.flatMap((source) => [
      ...[...source.matchAll(/\b(?:log|consoleLog)\(([^{]*)\{/g)].flatMap(([, call = '']) => quoted(call)),
      ...[...source.matchAll(/level: 'warn', message: ('[^']+')/g)].flatMap(([, message = '']) => quoted(message)),
    ])
    expect(logged.length).toBeGreaterThan(9)
    expect(logged.filter((message) => !explained.includes(message))).toEqual([])
    const all = sources.join('\n')
    expect(explained.filter((message) => !all.includes(`'${message}'`))).toEqual([])
  })

  it('states the retries and the schedule as they are set', () => {
    const settings = read('wrangler.toml')
    const [, retries] = /max_retries = (\d+)/.exec(settings) ?? []
    const [, minute, hour] = /crons = \["(\d+) (\d+) \* \* \*"\]/.exec(settings) ?? []
    expect(text).toContain(`then every 15 seconds, ${retries} times`)
    expect(text).toContain(`daily at ${hour?.padStart(2, '0')}:${minute} UTC`)
    expect(read('src/ingest/consume-notices.ts')).toContain('LONGEST_RETRY_SECONDS = 15')
    expect(read('src/conversation/next-alarm.ts')).toMatch(/FIRST_REPEAT_MS = 10_000[\s\S]*LONGEST_REPEAT_MS = 60_000/)
  })
})
