declare const rawJson: unique symbol

/** A number that no JavaScript number or bigint holds, kept as its JSON text (`rawJSON`); `JSON.stringify` writes it digit for digit. */
export interface RawJson {
  readonly rawJSON: string
  readonly [rawJson]: true
}

export interface JsonObject {
  [member: string]: JsonValue
}

/** A JSON value in which no number has lost a digit. */
export type JsonValue = null | boolean | number | bigint | string | RawJson | JsonValue[] | JsonObject

interface ReviverContext {
  /** The text of a primitive value; absent for objects and arrays. */
  readonly source?: string
}

/** ECMAScript's "JSON.parse source text access", which TypeScript's library does not declare yet. */
interface JsonWithSource {
  parse(text: string, reviver: (this: unknown, key: string, value: unknown, context: ReviverContext) => unknown): JsonValue
  rawJSON(text: string): RawJson
  isRawJSON(value: unknown): value is RawJson
}

const json = JSON as unknown as JsonWithSource

/**
 * The engine is too old: its `JSON` loses digits. Engines have what is needed since V8 11.4 (Chrome 114, Node 22),
 * Firefox 135 and Safari 18.4.
 */
export class MissingJsonSupport extends Error {
  constructor() {
    super(
      'This engine has no JSON.rawJSON and no source text in JSON.parse: use Node 22, Chrome 114, Firefox 135 or Safari 18.4, or later',
    )
  }
}

const INTEGER = /^-?\d+$/

/**
 * Parses JSON without losing a digit: a number stays a `number` when that has exactly its value (`0.1`, `1.50`, `1e2`);
 * an integer outside the safe range becomes a `bigint`; anything else (`1e400`, `-0`, more digits than a double has)
 * becomes a `RawJson`. Members named `__proto__` are ordinary members.
 * Throws `SyntaxError` when the text is not JSON, and an `Error` that says so where the engine has no `JSON.rawJSON`.
 */
export function parseJson(text: string): JsonValue {
  requireSupport()
  return json.parse(text, reviveNumber)
}

/**
 * Writes a value of `parseJson`, or any other JSON value, with every bigint and raw number exact. Values that JSON
 * lacks are treated as `JSON.stringify` does. Throws `TypeError` for a value that is no JSON at all (`undefined`, a function, a cycle).
 */
export function stringifyJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value, writeNumber)
  if (text === undefined) throw new TypeError(`A JSON value was expected, not ${typeof value}`)
  return text
}

/** Whether the value is a number that `parseJson` kept as text. */
export function isRawJson(value: unknown): value is RawJson {
  return typeof json.isRawJSON === 'function' && json.isRawJSON(value)
}

function reviveNumber(_key: string, value: unknown, context: ReviverContext): unknown {
  if (typeof value !== 'number') return value
  const source = context.source
  // A short integer is most numbers there are: it is safe whatever its digits, and only -0 is not itself.
  if (source === undefined || (Number.isSafeInteger(value) && !Object.is(value, -0) && String(value) === source)) return value
  if (INTEGER.test(source) && !Object.is(value, -0)) return Number.isSafeInteger(value) ? value : BigInt(source)
  return holdsExactly(value, source) ? value : json.rawJSON(source)
}

function writeNumber(_key: string, value: unknown): unknown {
  const isNegativeZero = Object.is(value, -0)
  if (typeof value !== 'bigint' && !isNegativeZero) return value
  requireSupport()
  return json.rawJSON(isNegativeZero ? '-0' : String(value))
}

function requireSupport(): void {
  if (typeof json.rawJSON !== 'function') throw new MissingJsonSupport()
}

/** Whether the shortest decimal that names the double is the decimal that was written. */
function holdsExactly(value: number, source: string): boolean {
  if (!Number.isFinite(value) || Object.is(value, -0)) return false
  return decimal(String(value)) === decimal(source)
}

/** A decimal's canonical form: significant digits without zeros around them, and the exponent of the last one. */
function decimal(text: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? []
  const digits = `${whole}${fraction}`
  const significant = trimEnd(trimStart(digits))
  if (significant === '') return `${sign}0`
  const trailing = digits.length - trimEnd(digits).length
  return `${sign}${significant}e${BigInt(exponent) - BigInt(fraction.length) + BigInt(trailing)}`
}

// Loops, because /0+$/ takes quadratic time on long runs of zeros.
function trimEnd(digits: string): string {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return digits.slice(0, end)
}

function trimStart(digits: string): string {
  let start = 0
  while (start < digits.length && digits[start] === '0') start++
  return digits.slice(start)
}
