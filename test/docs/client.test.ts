import { expect, it } from 'vitest'
import { DEFAULT_RETRY } from '../../src/client/retry.ts'
import { read } from './markdown.ts'

it('the page on the client tells the defaults of repeats', () => {
  const text = read('docs/client.md')
  for (const [name, value] of Object.entries(DEFAULT_RETRY))
    expect(text).toContain(`\`${name}\` ${value.toLocaleString('en-US')}`)
})
