import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isRawJson, parseJson, stringifyJson } from '../../src/model/json.ts'

describe('parseJson', () => {
  it('keeps an integer above 2^53 as a bigint', () => {
    expect(parseJson('{"timestamp":1756377611078069123}')).toEqual({ timestamp: 1756377611078069123n })
    expect(parseJson('-9007199254740993')).toBe(-9007199254740993n)
    expect(parseJson('9007199254740991')).toBe(9007199254740991)
  })

  it('gives a number wherever a number has the same value', () => {
    expect(parseJson('[0.1,1.0,1.50,1e2,2.5E-3,0,0.0,5e-324,0e9]')).toEqual([0.1, 1, 1.5, 100, 0.0025, 0, 0, 5e-324, 0])
  })

  it.each(['1e400', '-1e400', '-0', '-0.0', '1e-400', '0.1000000000000000055511151231257827', '12345678901234567890.5'])(
    'keeps %s as its text, and writes it digit for digit',
    (text) => {
      const value = parseJson(text)
      expect(isRawJson(value)).toBe(true)
      expect(stringifyJson(value)).toBe(text)
    },
  )

  it('keeps a member named __proto__ as a member and pollutes nothing', () => {
    const text = '{"__proto__":{"polluted":true},"a":1}'
    const value = parseJson(text)
    expect(Object.keys(value as object)).toEqual(['__proto__', 'a'])
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expect(stringifyJson(value)).toBe(text)
  })

  it('refuses what is no JSON', () => {
    expect(() => parseJson('{"a":NaN}')).toThrow(SyntaxError)
  })

  it('gives back every JSON value that JavaScript can hold', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = JSON.stringify(value)
        expect(stringifyJson(parseJson(text))).toBe(text)
      }),
    )
  })

  it('gives back integers of any size and their text', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (integer) => {
        const text = `{"n":${integer}}`
        expect(stringifyJson(parseJson(text))).toBe(text)
      }),
    )
  })

  it('writes a number that has the same value as the one it read, however that was written', () => {
    const digits = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 1, maxLength: 30 }).map((list) => list.join(''))
    const decimal = fc.tuple(fc.boolean(), fc.bigInt({ min: 0n, max: 10n ** 25n }), digits, fc.integer({ min: -30, max: 30 }))
    fc.assert(
      fc.property(decimal, ([negative, whole, fraction, exponent]) => {
        const text = `${negative ? '-' : ''}${whole}.${fraction}e${exponent}`
        expect(scaled(stringifyJson(parseJson(text)))).toBe(scaled(text))
      }),
    )
  })
})

describe('stringifyJson', () => {
  it('writes bigints and -0 exactly, nested ones too', () => {
    expect(stringifyJson({ a: [1756377611078069123n, -0] })).toBe('{"a":[1756377611078069123,-0]}')
  })

  it('refuses what has no JSON form', () => {
    expect(() => stringifyJson(undefined)).toThrow(TypeError)
  })
})

/** The decimal times 10^400 as an integer, so that equal values compare equal however they are written. */
function scaled(text: string): string {
  const [, sign, whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/.exec(text) ?? []
  const magnitude = BigInt(whole + fraction) * 10n ** BigInt(400 + Number(exponent) - fraction.length)
  return `${sign}${magnitude}`
}
