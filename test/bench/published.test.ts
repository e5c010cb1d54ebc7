import { describe, expect, it } from 'vitest'
import { renderCost } from '../../bench/report/cost.ts'
import { COST, publishedPart, readPrices, readPublished } from '../../bench/report/published.ts'
import { renderReadmePart } from '../../bench/report/readme.ts'
import { read } from '../docs/markdown.ts'

describe('the figures in the documents', () => {
  const run = readPublished()

  it('are those of the run in the repository: README', () => {
    expect(publishedPart(read('README.md'))).toBe(renderReadmePart(run))
  })

  it('are those of the run in the repository: docs/cost.md', () => {
    expect(read(COST)).toBe(renderCost(run, readPrices()))
  })

  it('come from a run of every setting, with nothing lost by the store', () => {
    const settings = new Set(run.ledgers.filter(({ system }) => system === 'store').map(({ setting }) => setting))
    expect([...settings]).toEqual(['co-located', 'edge, 30 ms', 'database away'])
    expect(run.ledgers.filter(({ system, lost }) => system === 'store' && lost > 0)).toEqual([])
    expect(run.costs.length).toBeGreaterThan(0)
  })
})

describe('the price list', () => {
  const { as_of, prices } = readPrices()

  it('has a date, and for each price the page that it is from', () => {
    expect(as_of).toMatch(/^\d{4}-\d\d-\d\d$/)
    for (const { usd, per, source } of Object.values(prices)) {
      expect(usd).toBeGreaterThan(0)
      expect(per).toBeGreaterThan(0)
      expect(source).toMatch(/^https:\/\/developers\.cloudflare\.com\/.+\/pricing\/$/)
    }
  })
})
