/** Why a request body cannot be recorded. The HTTP layer answers 400, 422 and 413, in the order of the kinds. */
export interface SliceFailure {
  readonly kind: 'malformed-json' | 'invalid-event' | 'too-large'
  /** What is wrong, where, and what to do. Quotes nothing of the body, so that it can be logged. */
  readonly message: string
  /** Position of the event in the body, from 0. */
  readonly index?: number
  /** NDJSON only, from 1; blank lines count. */
  readonly line?: number
  /** Byte of the body, from 0. */
  readonly offset?: number
  /** Members and array positions that lead from the event to the faulty member, its name included. */
  readonly path?: readonly (string | number)[]
}

/** A failure before its event is known. */
export interface Fault {
  readonly kind: SliceFailure['kind']
  readonly message: string
  readonly offset: number
}

/** The fault of a byte that the JSON grammar does not allow at `offset`; `end` is where the text ends. */
export function unexpected(body: Uint8Array, offset: number, end: number, expected: string): Fault {
  const kind = 'malformed-json'
  if (offset >= end) return { kind, message: `The JSON text ends at byte ${end} where ${expected} is expected`, offset: end }
  const hint = hintFor(body[offset] ?? 0)
  return { kind, message: `At byte ${offset} ${expected} is expected${hint === '' ? '' : `; ${hint}`}`, offset }
}

export function malformed(message: string, offset: number): Fault {
  return { kind: 'malformed-json', message, offset }
}

function hintFor(byte: number): string {
  switch (String.fromCharCode(byte)) {
    case "'":
      return 'strings and member names take double quotes'
    case '/':
    case '#':
      return 'JSON has no comments'
    case 'N':
    case 'I':
      return 'JSON has no NaN and no Infinity: send null or a string'
    case '+':
    case '.':
      return 'a number starts with a digit or a minus sign'
    case ',':
      return 'remove the surplus comma'
    case ']':
    case '}':
      return 'the bracket closes too early, closes something else, or follows a surplus comma'
    default:
      if (byte === 0xef) return 'a byte order mark is not allowed'
      return byte > 0x7f ? 'text outside ASCII stands inside strings only' : ''
  }
}
