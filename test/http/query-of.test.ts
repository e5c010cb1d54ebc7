import fc from 'fast-check'
import { expect, it } from 'vitest'
import { queryOf } from '../../src/http/query-of.ts'

it('gives the parameters that the parsed address of a request has', () => {
  const part = fc.string({ unit: fc.constantFrom('a', '=', '&', '?', '#', '%', '+', 'é', ' ', '/', '%20', '%zz'), maxLength: 12 })
  fc.assert(
    fc.property(part, part, (path, rest) => {
      const { url } = new Request(`https://events.example/${path}?${rest}`)
      expect([...queryOf({ url })]).toEqual([...new URL(url).searchParams])
    }),
  )
})
