import { objectMembers, stringEnd, type TextRange } from './object-members.ts'
import { EVENT_PLACE, type Place, type TextKind, UNKNOWN_PLACE } from './personal-text.ts'

/** A member (escapes resolved) or a position in a list, and what leads to the object or the list. Shared: a large event has many, deep inside. */
interface Step {
  readonly key: string | number
  readonly from: Step | null
}

/**
 * A string of an event, a number where no known one stands, or the name of a member that is not known. Strings and names include
 * their quotes.
 */
export interface EventToken extends TextRange, Step {
  readonly kind: TextKind | 'personal number' | 'personal name'
}

/** An array or an object that is open. */
interface Frame extends Step {
  /** Of the object itself, or of the list's items. */
  readonly place: Place
  readonly isObject: boolean
  /** The member or the position that is being read. */
  key: string | number
}

const SCALAR = /[^\s,\]}]+/y

/** The event's tokens, in order. `text` must be one JSON object; numbers, spaces and two members of one name do no harm. */
export function eventTokens(text: string): EventToken[] {
  const tokens: EventToken[] = []
  const frames: Frame[] = []
  let place = EVENT_PLACE
  let atName = false
  const open = (inside: Place, isObject: boolean) => {
    const outer = frames.at(-1)
    const from = outer ? { key: outer.key, from: outer.from } : null
    frames.push({ place: inside, isObject, key: isObject ? '' : 0, from })
    atName = isObject
  }
  const add = (kind: EventToken['kind'], start: number, end: number) => {
    const { key, from } = frames.at(-1) ?? { key: '', from: null }
    tokens.push({ kind, start, end, key, from })
  }
  for (let at = 0; at < text.length; ) {
    const frame = frames.at(-1)
    const char = text[at]
    if (char === '{') {
      open(variantOf(place, text, at), true)
      at += 1
    } else if (char === '[') {
      place = place.items ?? UNKNOWN_PLACE
      open(place, false)
      at += 1
    } else if (char === '}' || char === ']') {
      frames.pop()
      atName = false
      at += 1
    } else if (char === ',' && frame) {
      atName = frame.isObject
      if (!frame.isObject) {
        frame.key = Number(frame.key) + 1
        place = frame.place
      }
      at += 1
    } else if (char === '"') {
      const end = stringEnd(text, at)
      if (atName && frame) {
        const value = JSON.parse(text.slice(at, end)) as string
        const known = knownMember(frame.place, value)
        frame.key = value
        if (!known) add('personal name', at, end)
        place = known ?? UNKNOWN_PLACE
        atName = false
      } else add(typeof place.text === 'string' ? place.text : place.text(JSON.parse(text.slice(at, end))), at, end)
      at = end
    } else if (char === ':' || (char as string) <= ' ') at += 1
    else {
      SCALAR.lastIndex = at
      const end = SCALAR.test(text) ? SCALAR.lastIndex : at + 1
      if (!place.numbers && /[-\d]/.test(char as string)) add('personal number', at, end)
      at = end
    }
  }
  return tokens
}

/** Members and list positions that lead from the event to a token. */
export function pathOf(token: EventToken): (string | number)[] {
  const path: (string | number)[] = []
  for (let step: Step | null = token; step; step = step.from) path.push(step.key)
  return path.reverse()
}

/** How deep arrays and objects are nested in a JSON text. */
export function jsonDepth(text: string): number {
  let depth = 0
  let deepest = 0
  for (let at = 0; at < text.length; ) {
    const char = text[at]
    if (char === '[' || char === '{') {
      depth += 1
      deepest = Math.max(deepest, depth)
    } else if (char === ']' || char === '}') depth -= 1
    at = char === '"' ? stringEnd(text, at) : at + 1
  }
  return deepest
}

/** The text with other JSON in the place of some tokens, all else as it was. */
export function replaceTokens(text: string, replacements: readonly (TextRange & { readonly json: string })[]): string {
  const parts: string[] = []
  let from = 0
  for (const { start, end, json } of replacements) {
    parts.push(text.slice(from, start), json)
    from = end
  }
  return parts.join('') + text.slice(from)
}

function knownMember({ members }: Place, name: string): Place | undefined {
  return members && Object.hasOwn(members, name) ? members[name] : undefined
}

function variantOf(place: Place, text: string, open: number): Place {
  if (!place.variant) return place.members ? place : UNKNOWN_PLACE
  const members = objectMembers(text, open)
  return place.variant((name) => {
    const range = members.get(name)
    return range && text.slice(range.start, range.end)
  })
}
