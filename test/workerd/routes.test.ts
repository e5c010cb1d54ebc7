import { describe, expect, it } from 'vitest'
import { createApp } from '../../src/http/app.ts'
import * as operations from '../../src/protocol/operations.ts'

/** What anyone may get without a key: pages and documents, and nothing of any tenant. A route that is not here is an operation. */
const DOCUMENTS = ['/openapi.json', '/docs', '/docs/*', '/assets/:file']
/** The views of the explorer, which are one page. */
const VIEWS = ['/', '/conversations', '/conversations/:id', '/search', '/unfinished', '/runs', '/runs/:id']

describe('the routes of the service', () => {
  const app = createApp({
    version: '1',
    log: () => undefined,
    open: () => ({ configuration: { ok: false, problems: [] }, deps: null }),
  })
  const routes = app.routes.map(({ method, path }) => `${method} ${path}`)

  it('are the operations, each once, the documents and the pages, and no others', () => {
    const all = Object.values(operations) as operations.Operation[]
    const expected = [
      ...all.map(({ method, path }) => `${method} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
      ...[...DOCUMENTS, ...VIEWS].map((path) => `GET ${path}`),
    ]
    expect(routes.filter((route) => route !== 'ALL /*').sort()).toEqual(expected.sort())
  })

  it('stand behind what applies to all of them', () => {
    const first = routes.findIndex((route) => route !== 'ALL /*')
    expect(first).toBeGreaterThan(0)
    expect(routes.lastIndexOf('ALL /*')).toBe(first - 1)
  })
})
