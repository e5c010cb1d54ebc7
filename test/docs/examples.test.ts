import { describe, expect, it } from 'vitest'
import { codeBlocks, read } from './markdown.ts'

/** A block that names a file after its language is a piece of that file. */
const EXAMPLE = /^ts (examples\/\S+\.ts)$/

describe.each([
  ['docs/client.md', 5],
  ['docs/monitoring.md', 5],
  ['docs/personal-data.md', 1],
  ['docs/publishing.md', 5],
])('the code in %s', (document, least) => {
  const blocks = codeBlocks(read(document))

  it('comes from examples that run', () => {
    expect(blocks.length).toBeGreaterThan(least)
    expect(blocks.filter(({ info }) => info.startsWith('ts') && !EXAMPLE.test(info))).toEqual([])
  })

  it.each(blocks.filter(({ info }) => EXAMPLE.test(info)))('is in $info as it stands', ({ info, code }) => {
    const [, file = ''] = EXAMPLE.exec(info) ?? []
    expect(unindented(read(file))).toContain(unindented(code))
  })
})

/** A piece from the midst of a file stands in the document without its indentation. */
function unindented(text: string): string {
  return text.replaceAll(/^ +/gm, '')
}
