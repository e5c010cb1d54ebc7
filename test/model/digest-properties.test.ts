import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOfText } from '../../src/model/digest.ts'
import { AS_IS, canonical, pick, type Random, randomFrom, SHUFFLED, type Tree, tree, write } from './slice-texts.ts'

/** The tree with one place changed a little: a digit, a character, an order, a nesting, a name. */
function change(node: Tree, random: Random): Tree {
  if ('literal' in node) return random() < 0.3 ? { string: node.literal } : { literal: changeDigit(node.literal, random) }
  if ('string' in node) return { string: changeText(node.string, random) }
  if ('array' in node) {
    const items = [...node.array]
    if (items.length === 0 || random() < 0.2)
      return pick<Tree>([{ array: [node] }, { array: [...items, { literal: '0' }] }], random)
    const i = Math.floor(random() * items.length)
    if (random() < 0.3) return { array: [...items.slice(i), ...items.slice(0, i)] }
    items[i] = change(items[i] as Tree, random)
    return { array: items }
  }
  const members = [...node.object]
  if (members.length === 0) return { array: [] }
  const i = Math.floor(random() * members.length)
  const [name, value] = members[i] as (typeof members)[number]
  if (random() < 0.2) members.splice(i, 1)
  else if (random() < 0.3) members[i] = [`${name}'`, value]
  else members[i] = [name, change(value, random)]
  return { object: members }
}

function changeDigit(literal: string, random: Random): string {
  if (!/^-?\d/.test(literal)) return pick(['true', 'false', 'null'], random)
  return literal.replace(/\d$/, (digit) => String((Number(digit) + 1) % 10))
}

function changeText(text: string, random: Random): string {
  const i = Math.floor(random() * text.length)
  return pick([`${text}\0`, `\0${text}`, `${text.slice(0, i)}é${text.slice(i + 1)}`, text.slice(i) + text.slice(0, i)], random)
}

describe('the digest of any value', () => {
  it('does not depend on whitespace, the order of members or escapes', () => {
    fc.assert(
      fc.property(tree, fc.integer(), fc.integer(), (node, one, other) => {
        const first = write(node, randomFrom(one), AS_IS)
        const second = write(node, randomFrom(other), SHUFFLED)
        expect(digestOfText(second)).toEqual(digestOfText(first))
      }),
      { numRuns: 500 },
    )
  })

  it('differs as soon as anything else differs', () => {
    fc.assert(
      fc.property(tree, fc.integer(), (node, seed) => {
        const random = randomFrom(seed)
        const changed = change(node, random)
        const [one, other] = [write(node, random, SHUFFLED), write(changed, random, SHUFFLED)].map((text) => digestOfText(text))
        if (canonical(node) === canonical(changed)) expect(other).toEqual(one)
        else {
          expect(other?.[0]).not.toBe(one?.[0])
          expect(other?.[1]).not.toBe(one?.[1])
        }
      }),
      { numRuns: 1_000 },
    )
  })
})
