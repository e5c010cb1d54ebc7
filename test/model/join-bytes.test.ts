import { describe, expect, it } from 'vitest'
import { joinBytes } from '../../src/model/join-bytes.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const textOf = (parts: string[], separator?: number) => new TextDecoder().decode(joinBytes(parts.map(bytes), separator))

describe('joined bytes', () => {
  it.each([[[]], [['a']], [['', '']], [['ab', '', 'c']], [['é', 'ü', 'x']]])(
    'of %j stand in their order, with or without what stands between',
    (parts) => {
      expect(textOf(parts)).toBe(parts.join(''))
      expect(textOf(parts, 0x2c)).toBe(parts.join(','))
    },
  )
})
