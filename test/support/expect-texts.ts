import { expect } from 'vitest'

/** Compares long texts and, where they differ, shows only the neighbourhood of the first difference. */
export function expectTexts(actual: readonly string[], expected: readonly string[]): void {
  const place = expected.findIndex((text, i) => text !== actual[i])
  if (place >= 0) {
    const [a = '(missing)', b = ''] = [actual[place], expected[place]]
    let at = 0
    while (a[at] === b[at]) at += 1
    expect({ place, at, text: a.slice(at - 20, at + 40) }).toEqual({ place, at, text: b.slice(at - 20, at + 40) })
  }
  expect(actual.length).toBe(expected.length)
}
