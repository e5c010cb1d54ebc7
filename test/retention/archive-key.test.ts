import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { HistoryItem } from '../../src/model/history.ts'
import { MAX_ID_LENGTH } from '../../src/model/limits.ts'
import { isPossibleId } from '../../src/model/text-rules.ts'
import { archiveKey } from '../../src/retention/archive-key.ts'

const item = (seq: number, recorded_at = '2026-01-31T12:00:00.123Z'): HistoryItem => ({
  position: '1',
  conversation_id: 'c',
  seq,
  recorded_at,
  event: '{}',
})
const page = [item(5), item(6), item(104)]
const id = () => fc.string({ unit: 'grapheme', minLength: 1, maxLength: MAX_ID_LENGTH }).filter(isPossibleId)

describe('the key of an archived page', () => {
  it('names the tenant, the conversation, the time and the seqs', async () => {
    expect(await archiveKey('acme', 'topic:a/b c:01', page)).toBe(
      'acme/topic=3Aa=2Fb=20c=3A01/20260131T120000123Z-0000000000000005-0000000000000104.ndjson',
    )
  })

  it('sorts pages in the order of recording, whatever their seqs', async () => {
    const pages = [[item(1), item(9)], [item(10)], [item(1, '2026-02-01T00:00:00.000Z')]]
    const keys = await Promise.all(pages.map((items) => archiveKey('t', 'c', items)))
    expect(keys.toSorted()).toEqual(keys)
    expect(new Set(keys).size).toBe(3)
  })

  it('tells any two ids apart, and stays within what a key may have', async () => {
    await fc.assert(
      fc.asyncProperty(id(), id(), id(), async (tenant, one, other) => {
        const [key, another] = await Promise.all([one, other].map((conversation) => archiveKey(tenant, conversation, page)))
        expect(key === another).toBe(one === other)
        // Neither a `%`, which some tools send undecoded in a URL, nor a name that is longer than a file's may be.
        expect(key).toMatch(/^[A-Za-z0-9=_.~-]{1,255}\/[A-Za-z0-9=_.~-]{1,255}\/[0-9TZ-]+\.ndjson$/)
      }),
    )
  })

  it('tells long ids apart that differ at their ends only', async () => {
    const long = 'ä'.repeat(MAX_ID_LENGTH - 1)
    const keys = await Promise.all([`${long}1`, `${long}2`].map((conversation) => archiveKey(long, conversation, page)))
    expect(new Set(keys).size).toBe(2)
    for (const name of keys.flatMap((key) => key.split('/'))) expect(name.length).toBeLessThanOrEqual(255)
  })

  it('tells ids apart that hold the signs it writes others with', async () => {
    const keys = await Promise.all(['=3A', ':', '%3A', '=', '~'].map((conversation) => archiveKey('t', conversation, page)))
    expect(keys.map((key) => key.split('/')[1])).toEqual(['=3D3A', '=3A', '=253A', '=3D', '=7E'])
  })
})
