import { expect, it } from 'vitest'
import { DedupeIndex } from '../../src/conversation/dedupe-index.ts'
import { singleEvent } from '../../src/conversation/single-event.ts'
import { hashId } from '../../src/model/digest-id.ts'

const index = new DedupeIndex(10)
for (const id of ['a', 'b', 'c']) index.push(...hashId(id), 0, 0)

it('narrows a read to the one seq of an id', () => {
  expect(singleEvent(index, 'b', 0, 13)).toEqual({ found: true, after: 11, until: 12 })
})

it.each([
  ['an id that is unknown', 'd', 0, 13],
  ['a seq that the reader has seen', 'b', 12, 13],
  ['a seq behind the end of the read', 'b', 0, 11],
])('finds nothing for %s', (_, id, after, until) => {
  expect(singleEvent(index, id, after, until)).toEqual({ found: false, after, until })
})
