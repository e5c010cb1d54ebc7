import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const css = readFileSync(join(import.meta.dirname, '../../src/explorer/ui/tokens.css'), 'utf8')

/** Name to colour, of light and of dark. */
const TOKENS = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g)].map(([, name, light, dark]) => [
    name as string,
    { light: light as string, dark: dark as string },
  ]),
)

const GROUNDS = ['page', 'sidebar', 'surface', 'raised', 'hover', 'selected']
const TEXTS = ['text', 'muted', 'accent', 'danger', 'warning', 'success']
const FAMILIES = ['assistant', 'workflow', 'node', 'tool', 'topic', 'application']

/** Text on what it stands on, WCAG 2.2 AA: 4.5. */
const TEXT_PAIRS = [
  ...GROUNDS.flatMap((ground) => [...TEXTS, ...FAMILIES].map((text) => [text, ground] as const)),
  ...['danger', 'warning', 'success', 'accent'].map((tone) => [tone, `${tone}-field`] as const),
  ...['text', 'muted', ...FAMILIES].map((text) => [text, 'neutral-field'] as const),
  ['on-accent', 'accent-fill'] as const,
  ['text', 'accent-field'] as const,
]

/** The edge of what is typed into, and the ring of the focus: 3. */
const EDGE_PAIRS = GROUNDS.flatMap((ground) => ['line-strong', 'focus'].map((edge) => [edge, ground] as const))

describe.each(['light', 'dark'] as const)('the colours of the %s theme', (theme) => {
  it.each(TEXT_PAIRS)('make %s readable on %s', (text, ground) => {
    expect(contrast(text, ground, theme)).toBeGreaterThanOrEqual(4.5)
  })

  it.each(EDGE_PAIRS)('make %s visible on %s', (edge, ground) => {
    expect(contrast(edge, ground, theme)).toBeGreaterThanOrEqual(3)
  })
})

function contrast(one: string, other: string, theme: 'light' | 'dark'): number {
  const [darker = 0, lighter = 0] = [one, other].map((name) => luminance(TOKENS.get(name)?.[theme] ?? '')).sort((a, b) => a - b)
  return (lighter + 0.05) / (darker + 0.05)
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [red = Number.NaN, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}
