import { describe, expect, it } from 'vitest'
import * as limits from '../../src/model/limits.ts'
import type { Failure } from '../../src/protocol/failure.ts'
import * as operations from '../../src/protocol/operations.ts'
import { problemOf } from '../../src/protocol/problem.ts'
import { read, section, tableRows } from './markdown.ts'

const text = read('docs/http-api.md')

/** One of each kind: the type keeps the list complete. */
const FAILURES: { readonly [Kind in Failure['kind']]: Extract<Failure, { kind: Kind }> } = {
  'malformed-json': { kind: 'malformed-json', detail: '', index: 0, offset: 0 },
  'invalid-events': { kind: 'invalid-events', errors: [] },
  'invalid-request': { kind: 'invalid-request', errors: [] },
  'too-large': { kind: 'too-large', limit: '', maximum: 1, detail: '', index: 0 },
  'range-too-large': { kind: 'range-too-large', limit: '', maximum: 1, detail: '' },
  'unsupported-media-type': { kind: 'unsupported-media-type', detail: '' },
  unauthenticated: { kind: 'unauthenticated', detail: '' },
  forbidden: { kind: 'forbidden', scope: 'admin' },
  'not-found': { kind: 'not-found', detail: '' },
  'method-not-allowed': { kind: 'method-not-allowed', allow: [] },
  'wrong-expected-seq': { kind: 'wrong-expected-seq', conversation_id: '', expected_seq: 0, head_seq: 1 },
  'conflicting-events': { kind: 'conflicting-events', conflicts: [], partly_recorded: false },
  'authentication-unavailable': { kind: 'authentication-unavailable', detail: '' },
  'history-unavailable': { kind: 'history-unavailable', detail: '' },
  'recording-unavailable': { kind: 'recording-unavailable', detail: '' },
  'not-configured': { kind: 'not-configured', problems: [] },
  'rate-limited': { kind: 'rate-limited', policy: { name: '', limit: 1, seconds: 1, counts: '' } },
  internal: { kind: 'internal' },
}

const COMMON = ['type', 'title', 'status', 'detail']

describe('the page on the HTTP API', () => {
  it('lists every kind of problem with its status and its members, and no other', () => {
    const listed = tableRows(section(text, '## Errors')).map(([kind = '', status = '', members = '']) => ({
      kind: kind.replaceAll('`', ''),
      status: Number(status),
      members: [...members.matchAll(/`(\w+)`/g)].map(([, name]) => name).sort(),
    }))
    const expected = Object.values(FAILURES).map((failure) => {
      const problem = problemOf(failure)
      const members = Object.keys(problem).filter((name) => !COMMON.includes(name))
      return { kind: failure.kind, status: problem.status, members: members.sort() }
    })
    const byKind = (a: { kind: string }, b: { kind: string }) => a.kind.localeCompare(b.kind)
    expect(listed.sort(byKind)).toEqual(expected.sort(byKind))
  })

  it('lists every limit with its value', () => {
    const listed = tableRows(section(text, '## Limits')).map(([, value, name = '']) => [name.replaceAll('`', ''), value])
    const expected = Object.entries(limits).map(([name, value]) => [
      name,
      name.endsWith('_BYTES') ? `${value / 1024 ** 2} MiB` : value.toLocaleString('en-US'),
    ])
    expect(Object.fromEntries(listed)).toEqual(Object.fromEntries(expected))
  })

  it.each(Object.entries(operations))('names the operation %s, as the README does', (_, operation) => {
    const name = `\`${operation.method} ${operation.path}\``
    expect(text).toContain(name)
    expect(read('README.md')).toContain(name)
  })

  it('names no operation that there is not', () => {
    const known = Object.values(operations).map(({ method, path }) => `${method} ${path}`)
    for (const page of [text, read('README.md')]) {
      const named = tableRows(page).flatMap(([cell = '']) =>
        [...cell.matchAll(/`((?:GET|POST|PUT|DELETE) [^`]+)`/g)].map(([, name = '']) => name),
      )
      expect(named.filter((name) => !known.includes(name))).toEqual([])
      expect(named.length).toBe(known.length)
    }
  })
})
