import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestService, type TestService } from '../support/service.ts'

let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(() => service?.stop())

it('renders the API document from files of its own origin', async () => {
  const page = await fetch(`${service.url}/docs`)
  expect(page.status).toBe(200)
  expect(page.headers.get('Content-Type')).toContain('text/html')
  const html = await page.text()
  // Its policy lets nothing run that stands in the page itself.
  expect(page.headers.get('Content-Security-Policy')).toContain("script-src 'self'; style-src 'self'")
  expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\s(style|on\w+)=/i)
  const references = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, reference]) => reference as string)
  expect(references.length).toBeGreaterThan(3)
  for (const reference of references) {
    expect(reference).toMatch(/^\/docs\//)
    expect((await fetch(service.url + reference)).status).toBe(200)
  }
  const document = (await (await fetch(`${service.url}/openapi.json`)).json()) as { openapi: string; paths: object }
  expect(document.openapi).toBe('3.1.0')
  expect(Object.keys(document.paths)).toContain('/v1/events')
})
