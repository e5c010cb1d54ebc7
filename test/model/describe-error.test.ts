import { describe, expect, it } from 'vitest'
import { describeError } from '../../src/model/describe-error.ts'

function thrownBy(work: () => unknown): unknown {
  try {
    return work()
  } catch (thrown) {
    return thrown
  }
}

describe('what a log says of something thrown', () => {
  it('is its message, and those of its causes', () => {
    const error = new Error('could not read', { cause: new Error('connection lost') })
    expect(describeError(error)).toBe('Error: could not read <- Error: connection lost')
  })

  it.each([
    ['JSON', () => JSON.parse('{"secret": hunter2}')],
    ['a header', () => new Headers({ Authorization: 'hunter2\nhunter2' })],
    ['an address', () => decodeURIComponent('%hunter2')],
  ])('does not quote %s that could not be read, but names the place', (_, work) => {
    const thrown = thrownBy(work)
    expect(thrown).toBeInstanceOf(Error)
    const said = describeError(new Error('failed', { cause: thrown }))
    expect(said).not.toContain('hunter2')
    expect(said).toMatch(/^Error: failed <- \w+Error at .*describe-error/)
  })

  it('is only the type of what is no error', () => {
    expect(describeError('hunter2')).toBe('string')
    expect(describeError({ secret: 'hunter2' })).toBe('object')
  })
})
