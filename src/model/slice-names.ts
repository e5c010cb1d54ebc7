import type { SliceFailure } from './slice-failure.ts'

interface NameFault {
  readonly message: string
  readonly path: NonNullable<SliceFailure['path']>
}

/**
 * Looks through one event's text for a member named `__proto__`, and for an object that has two members of one name (escapes
 * resolved), where readers would disagree about the value. The exact and slow check behind the scanner's comparison of hashes.
 * The text must be valid JSON.
 */
export function findNameFault(text: string): NameFault | null {
  const path: (string | number)[] = []
  const seen: (Set<string> | null)[] = []
  let atName = false
  for (let pos = 0; pos < text.length; pos++) {
    const top = path.length - 1
    switch (text[pos]) {
      case '{':
        path.push('')
        seen.push(new Set())
        atName = true
        break
      case '[':
        path.push(0)
        seen.push(null)
        atName = false
        break
      case '}':
      case ']':
        path.pop()
        seen.pop()
        atName = false
        break
      case ',': {
        const position = path[top]
        if (typeof position === 'number') path[top] = position + 1
        else atName = true
        break
      }
      case '"': {
        const end = stringEnd(text, pos)
        const names = seen[top]
        if (atName && names) {
          const name: string = JSON.parse(text.slice(pos, end))
          path[top] = name
          if (name === '__proto__') return { path, message: 'A member is named __proto__, which is not allowed: rename it' }
          if (names.has(name)) return { path, message: 'Two members of one object have the same name: send one of them' }
          names.add(name)
          atName = false
        }
        pos = end - 1
        break
      }
    }
  }
  return null
}

function stringEnd(text: string, start: number): number {
  let pos = start + 1
  while (text[pos] !== '"') pos += text[pos] === '\\' ? 2 : 1
  return pos + 1
}
