import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { ArchiveFileError, readArchiveFile, tenantFolder } from '../../../src/local/restore/archive-file.ts'

const NAME = 'acme/c/20260131T120000123Z-0000000000000001-0000000000000002.ndjson'
const line = (seq: number, event: string) =>
  `{"seq":${seq},"cursor":"${seq}","recorded_at":"2026-01-31T12:00:00.123Z","event":${event}}\n`
const EVENT = '{ "a": 1756377611078069123, "b" : "}\\u0000" }'
const GOOD = line(1, EVENT) + line(2, '{}')

const read = (text: string, { name = NAME, sha256 = null }: { name?: string; sha256?: string | null } = {}) =>
  readArchiveFile(name, new TextEncoder().encode(text), sha256)

describe('an archived file', () => {
  it('gives its events as they were recorded', () => {
    expect(read(GOOD)).toEqual([
      { seq: 1, text: EVENT },
      { seq: 2, text: '{}' },
    ])
    expect(read(line(7, EVENT), { name: 'renamed.txt' })).toEqual([{ seq: 7, text: EVENT }])
  })

  it('must have the SHA-256 that is asked for', () => {
    const sha256 = createHash('sha256').update(GOOD).digest('hex')
    expect(read(GOOD, { sha256: sha256.toUpperCase() })).toHaveLength(2)
    expect(() => read(GOOD.replace('1756', '1757'), { sha256 })).toThrow('its SHA-256 is')
  })

  it.each([
    ['is cut off', GOOD.slice(0, -3), 'does not end with a whole line'],
    ['lacks its end', line(1, EVENT), 'does not begin and end with the seqs of its name'],
    ['lacks its beginning', line(2, EVENT), 'does not begin and end with the seqs of its name'],
    ['is empty', '', 'does not end with a whole line'],
    ['has a broken line', `${line(1, EVENT)}{"seq":2}\n`, 'line 2 is not an archived event'],
    ['has an event that is no JSON', line(1, '{"a":}') + line(2, '{}'), 'line 1 is not an archived event'],
    ['has an event that is no object', line(1, '1') + line(2, '{}'), 'line 1 is not an archived event'],
    ['has lines in another order', line(1, '{}') + line(1, '{}') + line(2, '{}'), 'line 2 is not behind the one before it'],
  ])('is refused when it %s', (_, text, why) => {
    expect(() => read(text)).toThrow(ArchiveFileError)
    expect(() => read(text)).toThrow(why)
  })

  it('tells whose it is by its folders, while it has the name that it was archived under', () => {
    expect(tenantFolder(`/tmp/fetched/${NAME}`)).toBe('acme')
    expect(tenantFolder('/tmp/fetched/acme/c/events.ndjson')).toBeNull()
  })
})
