import fc from 'fast-check'

/** A JSON value that remembers what a parsed one forgets: the digits of its numbers. */
export type Tree =
  | { readonly literal: string }
  | { readonly string: string }
  | { readonly array: readonly Tree[] }
  | { readonly object: readonly (readonly [name: string, value: Tree])[] }

const strings = fc.oneof(
  fc.string({ unit: 'grapheme-ascii', maxLength: 20 }),
  fc.string({ unit: 'binary', maxLength: 12 }),
  fc.constantFrom(
    '',
    '\ufeff',
    '\ufeffx',
    '\ud800',
    'a\udc00b',
    '\u{1f600}',
    '\ude00\ud83d',
    '\u0000',
    '"\\/',
    'é',
    'x'.repeat(70),
  ),
)

const literals = fc.oneof(
  fc.constantFrom('true', 'false', 'null', '0', '-0', '1.0', '1756377611078069123', '1E400', '1e-7', '0.10'),
  fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,6})?([eE][+-]?\d{1,3})?$/),
)

export const { tree, object } = fc.letrec<{ tree: Tree; object: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    literals.map((literal) => ({ literal })),
    strings.map((string) => ({ string })),
    fc.array(tie('tree'), { maxLength: 4 }).map((array) => ({ array })),
    tie('object'),
  ),
  object: fc
    .uniqueArray(fc.tuple(strings, tie('tree')), { maxLength: 24, size: 'small', selector: ([name]) => name })
    .map((members) => ({ object: members.filter(([name]) => name !== '__proto__') })),
}))

export type Random = () => number

/** A generator of numbers from 0 to 1 (mulberry32), so that one seed gives one way to write a tree. */
export function randomFrom(seed: number): Random {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Manner {
  readonly spaces: readonly string[]
  readonly shuffle: boolean
}

const ANY_SPACE = ['', '', '', ' ', '\n', '\t', '\r\n', '      \n    ']
export const ON_ONE_LINE: Manner = { spaces: ['', '', ' ', '\t', '     '], shuffle: false }
export const AS_IS: Manner = { spaces: ANY_SPACE, shuffle: false }
export const SHUFFLED: Manner = { spaces: ANY_SPACE, shuffle: true }

/** The tree as JSON text, with whitespace, escapes and (if shuffled) member order as chance will have it. */
export function write(node: Tree, random: Random, manner: Manner): string {
  const space = () => pick(manner.spaces, random)
  const list = (open: string, parts: string[], close: string) =>
    `${open}${parts.length === 0 ? space() : parts.map((part) => space() + part + space()).join(',')}${close}`
  if ('literal' in node) return node.literal
  if ('string' in node) return writeString(node.string, random)
  if ('array' in node) {
    const parts = node.array.map((item) => write(item, random, manner))
    return list('[', parts, ']')
  }
  const members = node.object.map(([name, value]) => ({ name, value, rank: manner.shuffle ? random() : 0 }))
  members.sort((a, b) => a.rank - b.rank)
  const parts = members.map(
    ({ name, value }) => `${writeString(name, random)}${space()}:${space()}${write(value, random, manner)}`,
  )
  return list('{', parts, '}')
}

const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '/': '\\/',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

function writeString(value: string, random: Random): string {
  let text = '"'
  for (const char of value) {
    const mustEscape = char < ' ' || char === '"' || char === '\\' || /^[\ud800-\udfff]$/.test(char)
    const chance = random()
    if (!mustEscape && chance < 0.8) text += char
    else if (SHORT[char] !== undefined && chance < 0.9) text += SHORT[char]
    else for (let i = 0; i < char.length; i++) text += unicodeEscape(char.charCodeAt(i), random)
  }
  return `${text}"`
}

function unicodeEscape(unit: number, random: Random): string {
  const hex = unit.toString(16).padStart(4, '0')
  return `\\u${random() < 0.5 ? hex : hex.toUpperCase()}`
}

export function pick<T>(values: readonly T[], random: Random): T {
  return values[Math.floor(random() * values.length)] as T
}

/** One text for all ways to write the same tree. */
export function canonical(node: Tree): string {
  if ('literal' in node) return node.literal
  if ('string' in node) return JSON.stringify(node.string)
  if ('array' in node) return `[${node.array.map(canonical).join(',')}]`
  const members = node.object.map(([name, value]) => `${JSON.stringify(name)}:${canonical(value)}`)
  return `{${members.sort().join(',')}}`
}

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
