import { describe, expect, it } from 'vitest'
import type * as z from 'zod'
import * as parameters from '../../src/protocol/parameters.ts'

function read(schema: z.ZodType, text: string): unknown {
  const result = schema.safeParse(text)
  return result.success ? result.data : undefined
}

describe('query parameters', () => {
  it.each([
    ['1', 1],
    ['5000', 5000],
    ['0', undefined],
    ['5001', undefined],
    ['', undefined],
    ['+1', undefined],
    ['1.0', undefined],
    ['1e2', undefined],
    [' 1', undefined],
    ['0x1', undefined],
    ['١', undefined],
  ])('read the limit %j as %j', (text, value) => {
    expect(read(parameters.limit, text)).toBe(value)
  })

  it.each([
    ['0', 0],
    ['9007199254740991', Number.MAX_SAFE_INTEGER],
    ['9007199254740992', undefined],
    ['-1', undefined],
  ])('read the seq %j as %j', (text, value) => {
    expect(read(parameters.seq, text)).toBe(value)
    expect(read(parameters.expectedSeq, text)).toBe(value)
  })

  it.each([
    ['9223372036854775807', '9223372036854775807'],
    ['9223372036854775808', undefined],
    ['abc', undefined],
    ['-1', undefined],
  ])('read the cursor %j as %j', (text, value) => {
    expect(read(parameters.position, text)).toBe(value)
  })

  it.each([
    ['', []],
    ['0', [0]],
    ['0,2,5', [0, 2, 5]],
    ['2,2', [2]],
    ['2147483647', [2147483647]],
    ['2147483648', undefined],
    ['1,', undefined],
    ['1, 2', undefined],
    [Array.from({ length: 1001 }, (_, i) => i).join(','), undefined],
  ])('read the offsets %j as %j', (text, value) => {
    expect(read(parameters.offsets, text)).toEqual(value)
  })

  it('let offsets be left out, which is not the same as none', () => {
    expect(parameters.offsets.safeParse(undefined)).toEqual({ success: true, data: undefined })
  })

  it.each([
    ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z'],
    ['2026-01-31T12:00:00+02:00', '2026-01-31T10:00:00Z'],
    ['yesterday', undefined],
    ['2026-02-30T00:00:00Z', undefined],
  ])('read the time %j as %j', (text, value) => {
    const read_ = read(parameters.instant, text)
    expect(typeof read_ === 'string' ? Date.parse(read_) : read_).toBe(value && Date.parse(value))
  })

  it.each(['', '.', '..', 'a\u0000b', 'a\nb', 'x'.repeat(257), '\ud800'])('take %j for no id', (text) => {
    expect(read(parameters.id, text)).toBeUndefined()
  })

  it.each(['Idempotency-Key', 'X-Application-Name'] as const)('do not take bytes for %s that were no text', (name) => {
    expect(parameters.publishHeaders.safeParse({ [name]: 'caf\u00e9' }).data).toEqual({ [name]: 'caf\u00e9' })
    const refused = parameters.publishHeaders.safeParse({ [name]: 'caf\ufffd' })
    expect(refused.error?.issues).toMatchObject([{ path: [name], message: expect.stringContaining('send UTF-8') }])
  })
})
