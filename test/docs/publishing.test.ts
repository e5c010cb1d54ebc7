import { expect, it } from 'vitest'
import { EventPublisher } from '../../src/client/publishing/event-publisher.ts'
import { readPublishedEvents } from '../../src/http/published-events.ts'
import { codeBlocks, read, tableRows } from './markdown.ts'

const text = read('docs/http-api.md')
const section = text.slice(text.indexOf('\n## Publishing\n'), text.indexOf('\n## Reading\n'))

function block(info: string): string {
  return (
    codeBlocks(section)
      .find((one) => one.info === info)
      ?.code.trim() ?? ''
  )
}

it('the request in the documents makes the id and the stored text that they show', async () => {
  const [head = '', body = ''] = block('http').split('\n\n')
  const [, application_name = null] = /^X-Application-Name: (.+)$/m.exec(head) ?? []
  const stored = block('text stored')
  const now = (JSON.parse(stored) as { metadata: { created_timestamp: number } }).metadata.created_timestamp * 1000
  const published = await readPublishedEvents(new TextEncoder().encode(body), 'json', {
    application_name,
    idempotency_key: null,
    now,
  })
  expect(JSON.parse(block('json'))).toEqual({ published: 1, event_ids: published.event_ids })
  expect(new TextDecoder().decode(published.batches[0]?.body)).toBe(stored)
})

it('the variables of a publisher are those that it reads', () => {
  const asked = new Set<string>()
  EventPublisher.fromEnvironment(new Proxy({}, { get: (_, name) => void asked.add(String(name)) }))
  const page = read('docs/publishing.md')
  const table = tableRows(page.slice(0, page.indexOf('`new EventPublisher(')))
  expect(table.map(([name = '']) => name.replaceAll('`', ''))).toEqual([...asked])
})
