import { objectMembers, stringEnd, type TextRange } from './object-members.ts'
import { EVENT_PLACE, type Place, type TextKind, UNKNOWN_PLACE } from './personal-text.ts'

/** A string of an event, a number where no known one stands, or the name of a member that is not known. Strings and names include their quotes. */
export interface EventToken extends TextRange {
  readonly kind: TextKind | 'personal number' | 'personal name'
  /** Members (escapes resolved) and list positions that lead from the event to it; empty but for personal strings. */
  readonly path: readonly (string | number)[]
}

/** An array or an object that is open. */
interface Frame {
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
  for (let at = 0; at < text.length; ) {
    const frame = frames.at(-1)
    const char = text[at]
    if (char === '{') {
      frames.push({ place: variantOf(place, text, at), isObject: true, key: '' })
      atName = true
      at += 1
    } else if (char === '[') {
      place = place.items ?? UNKNOWN_PLACE
      frames.push({ place, isObject: false, key: 0 })
      atName = false
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
        if (!known) tokens.push({ kind: 'personal name', start: at, end, path: [] })
        frame.key = value
        place = known ?? UNKNOWN_PLACE
        atName = false
      } else {
        const kind = typeof place.text === 'string' ? place.text : place.text(JSON.parse(text.slice(at, end)))
        tokens.push({ kind, start: at, end, path: kind === 'personal' ? frames.map(({ key }) => key) : [] })
      }
      at = end
    } else if (char === ':' || (char as string) <= ' ') at += 1
    else {
      SCALAR.lastIndex = at
      const end = SCALAR.test(text) ? SCALAR.lastIndex : at + 1
      if (isPersonal(place) && /[-\d]/.test(char as string)) tokens.push({ kind: 'personal number', start: at, end, path: [] })
      at = end
    }
  }
  return tokens
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

/** Whether a number there is as telling as a string would be. */
function isPersonal({ text }: Place): boolean {
  return text === 'personal' || text === 'identifier'
}

function variantOf(place: Place, text: string, open: number): Place {
  if (!place.variant) return place.members ? place : UNKNOWN_PLACE
  const members = objectMembers(text, open)
  return place.variant((name) => {
    const range = members.get(name)
    return range && text.slice(range.start, range.end)
  })
}
