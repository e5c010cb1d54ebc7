import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

/** The documents, by their paths from the project's root. */
export const DOCUMENTS = [
  'README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

export function read(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

export interface CodeBlock {
  /** The language and what follows it, such as `sh run`. */
  readonly info: string
  readonly code: string
}

export function codeBlocks(text: string): CodeBlock[] {
  return [...text.matchAll(/^```(\S.*|)\n([\s\S]*?)^```$/gm)].map(([, info = '', code = '']) => ({ info, code }))
}

/** The cells of every row of every table, heads and rules left out where they have no backtick. */
export function tableRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('|') && line.includes('`'))
    .map((line) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** The part of a document under a heading, up to the next one of any level. */
export function section(text: string, heading: string): string {
  const from = text.indexOf(`\n${heading}\n`)
  if (from === -1) throw new Error(`there is no ${heading}`)
  const rest = text.slice(from + heading.length + 2)
  const end = rest.search(/^#/m)
  return end === -1 ? rest : rest.slice(0, end)
}
