import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationPath, runPath, searchPath } from '../../src/explorer/routing/paths.ts'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'
import { record, sampleConversationTexts } from './sample-conversations.ts'
import { sampleRunEvents } from './sample-runs.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

const now = Date.now()
const sample = (id: string, requests: number) =>
  sampleConversationTexts({
    id,
    requests,
    last: 'failed',
    everyMs: 20_000,
    startedAt: new Date(now - 600_000),
    seed: requests,
  })
const FAILING = sample('support/4711 é', 3)
const LONG = sample('long', 24)
const ofFailing = (seq: number) => JSON.parse(FAILING[seq - 1] ?? '') as { event_id: string; assistant_request_id: string }

beforeAll(async () => {
  if (!browser) return
  service = await startTestService({ history: 'in-memory' })
  await record(service.url, LONG)
  await record(service.url, FAILING)
  const run = sampleRunEvents({
    run: 'run-1',
    type: 'Sync',
    application: 'lake',
    startedAt: new Date(now),
    activities: {},
    endsAt: 5,
  })
  const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(run) }
  expect((await fetch(`${service.url}/v1/publish`, init)).status).toBe(202)
  await waitFor('the history', 30, async () => {
    const answer = await fetch(`${service.url}/v1/events?limit=5000`)
    return ((await answer.json()) as { items: unknown[] }).items.length === FAILING.length + LONG.length + run.length
  })
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('the search', () => {
  it.each(LOOKS)('shows what an id is and what it is not, $width pixels wide, $theme', async ({ width, theme }) => {
    const { event_id, assistant_request_id } = ofFailing(21)
    const { page, foreignRequests, consoleErrors, close } = await open('/search', { width, theme })
    const looksWell = async () => {
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await accessibilityViolations(page)).toEqual([])
    }
    await page.getByRole('heading', { name: 'Paste an id' }).waitFor()
    await looksWell()
    await search(page, event_id)
    await expectFound(page, 'Event')
    const place = page.getByRole('link', { name: 'Open in its conversation at #21' })
    expect(await place.getAttribute('href')).toBe(conversationPath('support/4711 é', { seq: 21 }))
    await looksWell()
    await search(page, assistant_request_id)
    await expectFound(page, 'Assistant request')
    await page.getByText('Longest run').waitFor()
    expect(await rows(page).first().textContent()).toContain('AssistantInvoke')
    await looksWell()
    await search(page, 'nothing has this')
    await page.getByRole('heading', { name: 'Nothing found' }).waitFor()
    await looksWell()
    expect(foreignRequests).toEqual([])
    // The browser reports each 404, which is how the service says that there is no such thing.
    expect(consoleErrors.filter((error) => !error.includes('404 (Not Found)'))).toEqual([])
    await close()
  })

  it('looks up what is pasted at once, and opens it in its place', async () => {
    const { page, close } = await open('/search')
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate((id) => navigator.clipboard.writeText(` ${id}\n`), ofFailing(5).event_id)
    await field(page).focus()
    await page.keyboard.press('Control+V')
    await page.getByRole('link', { name: 'Open in its conversation at #5' }).click()
    await page.getByRole('complementary', { name: 'Selected event' }).getByText('ToolInvoke', { exact: true }).waitFor()
    await page.goBack()
    await expectFound(page, 'Event')
    await close()
  })

  it('finds conversations, runs and topics', async () => {
    const { page, close } = await open(searchPath('support/4711 é'))
    await expectFound(page, 'Conversation')
    const link = page.getByRole('link', { name: 'Open the conversation' })
    expect(await link.getAttribute('href')).toBe(conversationPath('support/4711 é'))
    await page.getByRole('definition').getByText(String(FAILING.length), { exact: true }).first().waitFor()
    await search(page, 'workflow:run-1')
    expect(await page.getByRole('link', { name: 'Open the run' }).getAttribute('href')).toBe(runPath('run-1'))
    await search(page, 'thought_result')
    await expectFound(page, 'Topic')
    expect(new Set(await types(page))).toEqual(new Set(['PublishToTopic', 'ConsumeFromTopic']))
    await close()
  })

  it('suggests types, shows the events that fit page by page, and keeps all of it in the URL', async () => {
    const { page, close } = await open('/search')
    await page.getByRole('combobox', { name: 'Event type' }).focus()
    await page.keyboard.type('toolin')
    await page.getByRole('option', { name: 'ToolInvoke' }).waitFor()
    expect(await accessibilityViolations(page)).toEqual([])
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.getByText('The first 100 events').waitFor()
    expect(new URL(page.url()).search).toBe('?type=ToolInvoke')
    await page.getByRole('button', { name: 'Show more' }).click()
    const all = [...LONG, ...FAILING].filter((text) => text.includes('"event_type":"ToolInvoke"')).length
    await page.getByText(`${all} events`, { exact: true }).waitFor()
    const paths = await rows(page).evaluateAll((links) => links.map((link) => link.getAttribute('href')))
    expect(new Set(paths).size).toBe(all)
    expect(new Set(await types(page))).toEqual(new Set(['ToolInvoke']))
    await page.goBack()
    await page.getByRole('heading', { name: 'Paste an id' }).waitFor()
    await close()
  })

  it('says why nothing can have an id', async () => {
    const { page, close } = await open(searchPath('..'))
    await page.getByText('are not “.” or “..”').waitFor()
    await close()
  })

  it('opens the event of a run by its name', async () => {
    const { page, close } = await open('/search?name=workflow_end')
    await rows(page).first().waitFor()
    expect(await rows(page).count()).toBe(1)
    expect(await rows(page).getAttribute('href')).toBe('/runs/run-1?seq=2')
    await close()
  })

  it('narrows what is found by a name or an id to the type', async () => {
    const { page, close } = await open(`/search?q=${ofFailing(50).assistant_request_id}&type=NodeRespond`)
    await rows(page).first().waitFor()
    expect(new Set(await types(page))).toEqual(new Set(['NodeRespond']))
    await search(page, 'toolfailed')
    await page.getByRole('button', { name: 'Show events of the type ToolFailed' }).click()
    await rows(page).first().waitFor()
    expect(await types(page)).toEqual(['ToolFailed', 'ToolFailed'])
    await close()
  })

  it('is used with the keys alone, from any view', async () => {
    const { page, close } = await open('/')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.keyboard.press('/')
    await page.locator('#search-field:focus').waitFor()
    await page.keyboard.type(ofFailing(1).assistant_request_id)
    await page.keyboard.press('Enter')
    await rows(page).first().waitFor()
    await page.keyboard.press('ArrowDown')
    const focused = () => page.evaluate('document.activeElement.textContent')
    expect(await focused()).toBe('Open its conversation')
    await page.keyboard.press('ArrowDown')
    expect(await focused()).toContain('AssistantInvoke')
    await page.keyboard.press('End')
    expect(await focused()).toContain('AssistantRespond')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowUp')
    await page.locator('#search-field:focus').waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Escape')
    await page.locator('#search-field:focus').waitFor()
    expect(await field(page).inputValue()).toBe('')
    await page.getByRole('heading', { name: 'Paste an id' }).waitFor()
    await page.keyboard.type('a/b')
    expect(await field(page).inputValue()).toBe('a/b')
    await close()
  })

  it('says what could not be looked up, and shows the rest', async () => {
    const { page, close } = await open('/search')
    const refused = {
      type: 'urn:edge-event-store:problem:forbidden',
      title: 'Forbidden',
      status: 403,
      detail: 'No.',
      scope: 'events:read',
    }
    const refuse = (path: string) =>
      page.route(path, (route) => route.fulfill({ status: 403, contentType: 'application/problem+json', json: refused }))
    await refuse('**/v1/events?**')
    await search(page, ofFailing(3).event_id)
    await page.getByText('Not looked up as: topic.').waitFor()
    await page.getByRole('link', { name: 'Open in its conversation at #3' }).waitFor()
    await refuse('**/v1/**')
    await search(page, ofFailing(4).event_id)
    await page.getByRole('heading', { name: 'No access' }).waitFor()
    await page.getByText('Your key lacks the scope events:read').waitFor()
    await page.unroute('**/v1/events?**')
    await page.unroute('**/v1/**')
    await page.getByRole('button', { name: 'Try again' }).click()
    await expectFound(page, 'Event')
    await close()
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}

const field = (page: Page) => page.getByRole('textbox', { name: 'Id or topic name' })
const rows = (page: Page) => page.locator('main li a[data-result]')
const types = (page: Page) =>
  rows(page).evaluateAll((links) => links.map((link) => link.querySelector('span span span')?.textContent ?? ''))

async function search(page: Page, text: string) {
  await field(page).fill(text)
  await field(page).press('Enter')
}

/** It is this and nothing else. */
async function expectFound(page: Page, what: string) {
  const findings = page.getByRole('list', { name: 'Looked up as' }).getByRole('listitem')
  await expect
    .poll(async () => (await findings.allTextContents()).toSorted())
    .toEqual(
      ['Assistant request', 'Conversation', 'Event', 'Topic'].map((kind) => `${kind}: ${kind === what ? 'found' : 'nothing'}`),
    )
}
