import { describe, expect, it } from 'vitest'
import { NewKey } from '../../src/protocol/new-key.ts'

const named = (application_name: string) => NewKey.safeParse({ scopes: ['admin'], application_name })

describe("a key's application", () => {
  it.each(['crawler', 'crawler 2 (Zürich) \u{1F600}'])('may be called %j', (name) => {
    expect(named(name).data?.application_name).toBe(name)
  })

  it.each(['\u001b[2Jkey', 'a\r\nb', 'tab\there', 'a\u007f', 'a\u009b31m', 'a\u2028b', 'a\u202eb'])(
    'may not be called %j, which terminals and logs take for something else',
    (name) => {
      expect(named(name).error?.issues).toMatchObject([
        { path: ['application_name'], message: expect.stringContaining('control character') },
      ])
    },
  )
})
