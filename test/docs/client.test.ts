import { expect, it } from 'vitest'
import { DEFAULT_RETRY } from '../../src/client/retry.ts'
import { DEFAULT_RETRY as DATABASE_RETRY } from '../../src/store/postgres/connection.ts'
import { read } from './markdown.ts'

it.each([
  ['client', 'docs/client.md', DEFAULT_RETRY],
  ['store on PostgreSQL', 'docs/operations.md', DATABASE_RETRY],
])('the page on the %s tells the defaults of repeats', (_, page, defaults) => {
  const text = read(page)
  for (const [name, value] of Object.entries(defaults)) expect(text).toContain(`\`${name}\` ${value.toLocaleString('en-US')}`)
})
