import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Ledger, Row } from '../comparison/row.ts'
import type { OperationCosts } from '../counts.ts'
import type { RunDescription } from '../describe-run.ts'
import type { Figure } from '../figures.ts'
import { type PriceList, renderCost } from './cost.ts'
import { renderReadmePart } from './readme.ts'

/** A run of the benchmark with all that it found. */
export interface Run extends RunDescription {
  readonly seconds: number
  readonly rows: readonly Row[]
  readonly ledgers: readonly Ledger[]
  readonly figures: readonly (Figure & { readonly met: boolean | null })[]
  readonly costs: readonly OperationCosts[]
}

const ROOT = join(import.meta.dirname, '../..')

/** The run whose figures README and docs/cost.md hold. */
export const PUBLISHED = 'bench/results/published.json'
export const COST = 'docs/cost.md'

const README = 'README.md'
const BEGIN = '<!-- Written by npm run bench -- --write: do not edit. -->'
const END = '<!-- The end of what the benchmark writes. -->'

export function readPublished(): Run {
  return JSON.parse(readFileSync(join(ROOT, PUBLISHED), 'utf8')) as Run
}

export function readPrices(): PriceList {
  return JSON.parse(readFileSync(join(ROOT, 'bench/prices.json'), 'utf8')) as PriceList
}

/** Writes README's table and docs/cost.md; first the run that they come from, where there is a new one. */
export function publish(run?: Run): void {
  if (run) writeFileSync(join(ROOT, PUBLISHED), `${JSON.stringify(run, null, 2)}\n`)
  const published = readPublished()
  const readme = join(ROOT, README)
  writeFileSync(readme, replacePart(readFileSync(readme, 'utf8'), renderReadmePart(published)))
  writeFileSync(join(ROOT, COST), renderCost(published, readPrices()))
}

/** What stands between the marks, without the empty lines beside them. */
export function publishedPart(readme: string): string {
  const [begin, end] = placesOf(readme)
  return readme.slice(begin, end).trim()
}

function replacePart(readme: string, part: string): string {
  const [begin, end] = placesOf(readme)
  return `${readme.slice(0, begin)}\n\n${part}\n\n${readme.slice(end)}`
}

function placesOf(readme: string): [number, number] {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)]
  if (begin === -1 || end < begin) throw new Error(`README.md lacks "${BEGIN}" or "${END}"`)
  return [begin + BEGIN.length, end]
}
