import { afterAll, beforeAll, expect, it } from 'vitest'
import { conversationPath, PATHS, runPath } from '../../src/explorer/routing/paths.ts'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(() => service?.stop())

const hard = 'workflow:a/b?c#d%2F\u00e9'
const paths = [...Object.values(PATHS).map((path) => path.replace(':id', 'some')), conversationPath(hard), runPath(hard)]

it.each(paths)('serves the explorer at %s', async (path) => {
  const answer = await fetch(service.url + path)
  expect(answer.status).toBe(200)
  expect(answer.headers.get('Content-Type')).toContain('text/html')
  expect(answer.headers.get('Content-Security-Policy')).toContain("script-src 'self'; style-src 'self'")
  expect(answer.headers.get('Cache-Control')).toContain('max-age=0')
  const html = await answer.text()
  expect(html).toContain('<div id="explorer">')
  // The policy lets nothing run that stands in the page itself.
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\s(style|on\w+)=/i)
})

it('serves what the page names for good, under names that tell the content', async () => {
  const html = await (await fetch(service.url)).text()
  const references = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => reference as string)
  expect(references.length).toBeGreaterThan(2)
  for (const reference of references) {
    expect(reference).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(js|css|svg)$/)
    const answer = await fetch(service.url + reference)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('Cache-Control')).toBe('public, max-age=31536000, immutable')
  }
})

it.each(['/v1/nothing', '/v1', '/assets/none.js', '/conversations/a/b', '/index.html/x'])('has nothing at %s', async (path) => {
  const answer = await fetch(service.url + path)
  expect(answer.status).toBe(404)
  expect(answer.headers.get('Content-Type')).toContain('application/problem+json')
  expect(answer.headers.get('Cache-Control') ?? '').not.toContain('immutable')
})

it('shows whoever visits an address where there is nothing that there is nothing', async () => {
  const answer = await fetch(`${service.url}/nothing/here`, { headers: { Accept: 'text/html,application/xhtml+xml' } })
  expect(answer.status).toBe(404)
  expect(answer.headers.get('Content-Security-Policy')).toContain("script-src 'self'")
  expect(await answer.text()).toContain('<div id="explorer">')
  const data = await fetch(`${service.url}/v1/nothing`, { headers: { Accept: 'text/html' } })
  expect(data.headers.get('Content-Type')).toContain('application/problem+json')
})

it('does not show itself where the service is not configured', async () => {
  const unready = await startTestService({ history: 'in-memory', vars: { ENVIRONMENT: 'production' } })
  try {
    expect((await fetch(unready.url)).status).toBe(503)
  } finally {
    await unready.stop()
  }
})
