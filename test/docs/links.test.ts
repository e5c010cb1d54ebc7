import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { codeBlocks, DOCUMENTS, ROOT, read } from './markdown.ts'

/** As GitHub makes anchors of headings. */
function anchorsOf(path: string): string[] {
  return [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  )
}

describe.each(DOCUMENTS)('%s', (path) => {
  const text = read(path)

  it('links only to what exists', () => {
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target.startsWith('http')) continue
      const [file = '', anchor] = target.split('#')
      const found = file === '' ? path : join(dirname(path), file)
      expect(existsSync(join(ROOT, found)), target).toBe(true)
      if (anchor !== undefined) expect(anchorsOf(found), target).toContain(anchor)
    }
  })

  it('names only files and folders that exist', () => {
    for (const [, name = ''] of text.matchAll(/`((?:src|test|docs|migrations|bench)\/[\w./-]*)`/g)) {
      expect(existsSync(join(ROOT, name)), name).toBe(true)
    }
  })

  it('names only commands that package.json has', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    const named = [...text.matchAll(/npm run ([\w:]+)/g), ...text.matchAll(/npm (start|test)\b/g)].map(([, name]) => name)
    expect(named.filter((name) => name === undefined || !(name in scripts))).toEqual([])
  })

  it('closes its code blocks', () => {
    expect(text.match(/^```/gm)?.length ?? 0).toBe(codeBlocks(text).length * 2)
  })
})
