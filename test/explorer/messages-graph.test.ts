import type { Browser, Locator, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationPath } from '../../src/explorer/routing/paths.ts'
import { accessibilityViolations, LOOKS, type OpenPage, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { topicTold } from './conversation/items.ts'
import { record, sampleConversationTexts } from './sample-conversations.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

const now = Date.now()
const HOUR_MS = 3_600_000
const sample = (id: string, requests: number, last: 'finished' | 'failed' | 'unfinished') =>
  sampleConversationTexts({ id, requests, last, everyMs: HOUR_MS, startedAt: new Date(now - (requests - 1) * HOUR_MS - 20_000) })
const RUNNING = sample('running', 1, 'unfinished')
/** In the sample, the seqs of a request's publish of a tool's call and of its result. */
const [CALL, RESULT] = [15, 21]
/** Events of a request that comes to its answer. */
const REQUEST = 42

const MARKUP = '<img src=x onerror="document.title=1"> **bold**\nsecond line'
const CONTENTS = [
  { role: 'system', message_id: 's', content: 'Be brief.' },
  { role: 'user', message_id: 'u', name: 'Ada', content: [{ type: 'text', text: MARKUP }, image('https://example.com/cat.png')] },
  { role: 'assistant', message_id: 'a', content: null, refusal: 'I cannot do that.' },
  { role: 'assistant', message_id: 'b', content: Array.from({ length: 60 }, (_, line) => `line ${line}`).join('\n') },
]

beforeAll(async () => {
  if (!browser) return
  service = await startTestService({ history: 'in-memory' })
  await record(service.url, sample('failing', 2, 'failed'))
  await record(service.url, RUNNING.slice(0, RESULT - 1))
  await record(service.url, sample('large', 50, 'finished'))
  const said = topicTold({ type: 'PublishToTopic', id: 'said', messages: CONTENTS })
  said.event_context.invoke_context.conversation_id = 'contents'
  await record(service.url, [JSON.stringify(said)])
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('messages and event graph', () => {
  it.each(LOOKS)('show each message once, and what led to what, $width pixels wide, $theme', async (look) => {
    const opened = await open(conversationPath('failing', { view: 'messages' }), look)
    const { page } = opened
    const fits = async () => expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width)
    await page.getByText('13 messages, each once').waitFor()
    const call = page.getByRole('article').filter({ hasText: 'web_search' }).first()
    await call.getByText('"max_results": 5').waitFor()
    await call.getByText('Result', { exact: true }).waitFor()
    await fits()
    expect(await accessibilityViolations(page)).toEqual([])

    await page.getByRole('tab', { name: 'Event graph' }).click()
    await page.getByText('25 topic events').waitFor()
    await node(page, 3).waitFor()
    expect(await page.locator('.react-flow__edge').count()).toBe(23)
    expect(await page.locator('.react-flow__minimap').count()).toBe(look.width === 360 ? 0 : 1)
    await page.getByRole('button', { name: 'Fit all in view' }).click()
    await fits()
    await expectClean(opened)
  })
})

describe.skipIf(browser === null)('the messages of a conversation', () => {
  it('lead to their events and back', async () => {
    const opened = await open(conversationPath('failing', { view: 'messages', seq: REQUEST + RESULT }))
    const { page } = opened
    const result = page.getByRole('button', { name: `event ${REQUEST + RESULT}`, exact: true })
    await result.waitFor()
    await expect.poll(() => isInSight(page, result)).toBe(true)
    await page.getByRole('feed').evaluate((feed) => feed.scrollTo(0, 0))
    await page.getByRole('button', { name: `event ${CALL}`, exact: true }).click()
    await details(page).getByText('PublishToTopic', { exact: true }).waitFor()
    await expectSearch(page, 'seq', String(CALL))
    await page
      .getByRole('feed')
      .locator('article')
      .filter({ hasText: `event ${CALL}` })
      .locator('visible=true')
      .first()
      .waitFor()
    await details(page).getByRole('button', { name: 'Close details' }).click()
    await page.getByRole('feed').evaluate((feed) => feed.scrollTo(0, feed.scrollHeight))
    const failure = page.getByRole('article', { name: 'failed' })
    await failure.getByText('the search service did not answer').waitFor()
    expect(await page.getByText('the search service did not answer').count()).toBe(1)
    await failure.focus()
    await page.keyboard.press('PageUp')
    expect(await page.evaluate('document.activeElement.tagName')).toBe('ARTICLE')
    expect(await failure.evaluate((article) => article === document.activeElement)).toBe(false)
    await opened.close()
  })

  it('are text, whatever they hold, and long ones open', async () => {
    const opened = await open(conversationPath('contents', { view: 'messages' }))
    const { page } = opened
    await page.getByText(MARKUP).waitFor()
    await page.getByText('Ada').waitFor()
    await page.getByText('Image: https://example.com/cat.png').waitFor()
    await page.getByText('Refused').waitFor()
    await page.getByText('line 3\n').waitFor()
    expect(await page.getByText('line 59').count()).toBe(0)
    await page.getByRole('button', { name: /^Show all/ }).click()
    await page.getByText('line 59').waitFor()
    await page.getByRole('button', { name: 'Show less' }).click()
    await page.getByText('line 59').waitFor({ state: 'detached' })
    await expectClean(opened)
  })

  it('follow what is recorded, and go back with the replay', async () => {
    const opened = await open(`${conversationPath('running', { view: 'messages', live: true })}`)
    const { page } = opened
    await page.getByText('No result was recorded').waitFor()
    await record(service.url, RUNNING.slice(RESULT - 1))
    await page.getByText(/^[6-9] messages/).waitFor()
    await page.goto(`${service.url}${conversationPath('running', { view: 'messages' })}&at=${RESULT - 1}`)
    await page.getByText('3 messages, each once').waitFor()
    await page.getByText('No result was recorded').waitFor()
    await opened.close()
  })
})

describe.skipIf(browser === null)('the event graph of a conversation', () => {
  it('is walked along its edges with the keys, and selects', async () => {
    const opened = await open(conversationPath('failing', { view: 'graph' }))
    const { page } = opened
    await node(page, 3).focus()
    for (const key of ['ArrowRight', 'ArrowRight', 'ArrowRight', 'ArrowLeft']) await page.keyboard.press(key)
    await expect.poll(() => focused(page)).toBe('9')
    await page.keyboard.press('ArrowDown')
    await expect.poll(() => focused(page)).toBe(String(REQUEST + 9))
    await page.keyboard.press('End')
    await page.keyboard.press('Enter')
    await details(page)
      .getByText('PublishToTopic', { exact: true })
      .or(details(page).getByText('ConsumeFromTopic'))
      .first()
      .waitFor()
    const last = await focused(page)
    await expectSearch(page, 'seq', last ?? null)
    expect(await node(page, Number(last)).getAttribute('aria-pressed')).toBe('true')
    await opened.close()
  })

  it('is a list, too', async () => {
    const opened = await open(conversationPath('failing', { view: 'graph' }))
    const { page } = opened
    await page.getByText('List', { exact: true }).click()
    await expectSearch(page, 'shape', 'list')
    await page.getByRole('button', { name: 'thought_result[0] published by ThoughtNode' }).first().click()
    await expectSearch(page, 'seq', '9')
    await page
      .getByRole('listitem')
      .filter({ has: page.locator('[aria-pressed=true]') })
      .getByText('Leads to')
      .waitFor()
    await expectClean(opened)
  })

  it('shows of a large one what is near to the selected event, and more when asked', async () => {
    const opened = await open(conversationPath('large', { view: 'graph', seq: 3 }))
    const { page } = opened
    await page.getByText('200 of 700 topic events, those nearest to event 3').waitFor()
    await node(page, 3).waitFor()
    await page.getByRole('button', { name: 'Show 400' }).click()
    await page.getByText('400 of 700 topic events').waitFor()
    await page.getByText('Laying out').waitFor({ state: 'detached' })
    await expectClean(opened)
  })
})

/** Whether it lies within the part of the thread that is seen. */
async function isInSight(page: Page, locator: Locator): Promise<boolean> {
  const [feed, box] = await Promise.all([page.getByRole('feed').boundingBox(), locator.boundingBox()])
  return feed !== null && box !== null && box.y >= feed.y && box.y + box.height <= feed.y + feed.height
}

function image(url: string) {
  return { type: 'image_url', image_url: { url } }
}

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}

const details = (page: Page) => page.getByRole('complementary', { name: 'Selected event' })
const node = (page: Page, seq: number) => page.locator(`.react-flow__node button[data-seq="${seq}"]`)
const focused = (page: Page) => page.evaluate<string | undefined>('document.activeElement.dataset.seq')

/** The URL follows a moment later. */
function expectSearch(page: Page, name: string, value: string | null) {
  return expect.poll(() => new URL(page.url()).searchParams.get(name)).toBe(value)
}

async function expectClean({ page, foreignRequests, consoleErrors, close }: OpenPage) {
  expect(await accessibilityViolations(page)).toEqual([])
  expect(foreignRequests).toEqual([])
  expect(consoleErrors).toEqual([])
  await close()
}
