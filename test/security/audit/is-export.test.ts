import { expect, it } from 'vitest'
import * as operations from '../../../src/protocol/operations.ts'
import { isExport } from '../../../src/security/audit/is-export.ts'

it.each([
  ['as lines', '', true, null, true],
  ['as lines, refused', 'after=wrong', true, null, true],
  ['in a page of the usual size', '', false, 100, false],
  ['in a page of no more than that', 'limit=100', false, 100, false],
  ['in a larger page', 'limit=101', false, 3, true],
  ['in a larger page, refused', 'limit=5000', false, null, true],
  ['in a further full page', 'after=100', false, 100, true],
  ['in a further full page that is small', 'after=100&limit=1', false, 1, true],
  ['in a page that a follower gets', 'after=100', false, 99, false],
  ['in a page that is not sent again', 'after=100', false, 0, false],
  ['with a limit that is none', 'limit=many', false, null, false],
])('reading the feed %s is an export: %s', (_, query, lines, count, exports) => {
  expect(isExport({ path: '/v1/events', query: new URLSearchParams(query), lines, count })).toBe(exports)
})

it('following the feed live is an export, and reading anything else is none', () => {
  const all = Object.values(operations) as operations.Operation[]
  const query = new URLSearchParams('after=1&limit=5000')
  const paths = all.map(({ path }) => path).filter((path) => isExport({ path, query, lines: true, count: 5000 }))
  expect([...new Set(paths)].sort()).toEqual(['/v1/events', '/v1/events/live'])
})
