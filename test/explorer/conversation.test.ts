import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationPath } from '../../src/explorer/routing/paths.ts'
import { accessibilityViolations, type OpenPage, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { record, sampleConversationTexts } from './sample-conversations.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

const now = Date.now()
const HOUR_MS = 3_600_000
const sample = (id: string, requests: number, last: 'finished' | 'failed' | 'unfinished', everyMs = HOUR_MS) =>
  sampleConversationTexts({ id, requests, last, everyMs, startedAt: new Date(now - (requests - 1) * everyMs - 20_000) })
const FAILING = sample('failing', 3, 'failed')
const RUNNING = sample('running', 2, 'unfinished')

beforeAll(async () => {
  if (!browser) return
  service = await startTestService({ history: 'in-memory' })
  await record(service.url, FAILING)
  await record(service.url, RUNNING.slice(0, -6))
  const stopped = sampleConversationTexts({
    id: 'stopped',
    requests: 1,
    last: 'unfinished',
    everyMs: 0,
    startedAt: new Date(now - HOUR_MS),
  })
  await record(service.url, stopped)
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('the view of a conversation', () => {
  it('is walked through and opened with the keys alone', async () => {
    const opened = await open(conversationPath('failing'))
    const { page } = opened
    const active = async () => {
      // A row far away is scrolled to before it is there.
      await grid(page).and(page.locator('[aria-activedescendant]')).waitFor()
      return page.locator(`[id="${await grid(page).getAttribute('aria-activedescendant')}"]`).textContent()
    }
    const rowCount = async () => Number(await grid(page).getAttribute('aria-rowcount'))
    await grid(page).focus()
    expect(await active()).toContain('ReActAssistant')
    await page.keyboard.press('ArrowDown')
    expect(await active()).toContain('ReActAssistantWorkflow')
    const all = await rowCount()
    await page.keyboard.press('ArrowLeft')
    expect(await rowCount()).toBeLessThan(all)
    await page.keyboard.press('ArrowRight')
    expect(await rowCount()).toBe(all)
    await page.keyboard.press('End')
    expect(await active()).toContain('TimeoutError')
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await details(page).getByText('NodeInvoke', { exact: true }).waitFor()
    await expectSearch(page, 'seq', '4')
    await details(page).getByRole('button', { name: 'its end 7' }).click()
    await details(page).getByText('NodeRespond', { exact: true }).waitFor()
    await page.keyboard.press('Escape')
    await details(page).waitFor({ state: 'detached' })
    await page.locator('[role=treegrid]:focus').waitFor()
    await opened.close()
  })

  it('gives the focus back when the drawer of a narrow page closes', async () => {
    const opened = await open(conversationPath('failing'), { width: 360 })
    const { page } = opened
    await grid(page).focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    const drawer = page.getByRole('dialog')
    await drawer.waitFor()
    await page.keyboard.press('Escape')
    await drawer.waitFor({ state: 'detached' })
    await page.locator('[role=treegrid]:focus').waitFor({ timeout: 5_000 })
    await opened.close()
  })

  it('shows the event as it was sent', async () => {
    const opened = await open(conversationPath('failing', { view: 'raw', seq: 5 }))
    const { page } = opened
    await details(page).getByText('Verbatim').click()
    expect(await page.getByRole('region', { name: 'Verbatim JSON' }).textContent()).toBe(FAILING[4])
    await expectClean(opened)
  })

  it('goes back to how all of it was at an event, and to now again', async () => {
    const opened = await open(conversationPath('failing'))
    const { page } = opened
    await page.getByText('4 failures').waitFor()
    const slider = page.getByRole('slider')
    expect(await slider.getAttribute('aria-valuetext')).toContain(`event ${FAILING.length} of ${FAILING.length}, now`)
    await slider.focus()
    await page.keyboard.press('Home')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('ArrowRight')
    await page.getByText('Under way').waitFor()
    await grid(page).locator('[role=row]', { hasText: 'ThoughtNode' }).getByText('no end').last().waitFor()
    expect(await grid(page).getAttribute('aria-rowcount')).toBe('4')
    expect(await page.getByText('4 failures').count()).toBe(0)
    await expectSearch(page, 'at', '4')
    await page.reload()
    await page.getByText('Under way').waitFor()
    await page.getByRole('tab', { name: 'Raw events' }).click()
    const events = page.getByRole('grid')
    await events.waitFor()
    expect(await events.getAttribute('aria-rowcount')).toBe('5')
    expect(await accessibilityViolations(page)).toEqual([])
    await page.getByRole('button', { name: 'Back to now' }).click()
    await page.getByText('Failed', { exact: true }).first().waitFor()
    await expectSearch(page, 'at', null)
    await opened.close()
  })

  it('plays from an event to the end', async () => {
    const opened = await open(`${conversationPath('failing')}?at=${FAILING.length - 30}`)
    const { page } = opened
    await page.getByText('Under way').waitFor()
    await page.getByLabel('Speed of the replay').selectOption('250')
    await page.getByRole('button', { name: 'Play from here' }).click()
    await page.getByText('4 failures').waitFor()
    await page.getByRole('button', { name: 'Play from here' }).waitFor()
    await expectSearch(page, 'at', null)
    await opened.close()
  })

  it('draws time, requests for themselves or the order of recording, and one run alone', async () => {
    const opened = await open(conversationPath('failing'))
    const { page } = opened
    const head = grid(page).getByRole('columnheader').nth(1)
    await page.getByText('Sequence').click()
    await head.getByText('#100').waitFor()
    await expectSearch(page, 'scale', 'sequence')
    await page.getByText('Per request').click()
    await head.getByText('+', { exact: false }).first().waitFor()
    await grid(page).locator('[role=row]', { hasText: 'SearchTool' }).first().click()
    await page.getByRole('button', { name: 'Zoom to run' }).click()
    await page.getByRole('button', { name: 'Zoomed to SearchTool' }).click()
    await expectSearch(page, 'zoom', null)
    await opened.close()
  })

  it('follows what is recorded, and lets its reader look elsewhere', async () => {
    const opened = await open(conversationPath('running', { live: true }))
    const { page } = opened
    await page.getByRole('status').getByText('Live: up to date').waitFor()
    const slider = page.getByRole('slider')
    const max = () => slider.getAttribute('max')
    expect(await max()).toBe(`${RUNNING.length - 6}`)
    await record(service.url, RUNNING.slice(-6, -3))
    await page.locator(`input[max="${RUNNING.length - 3}"]`).waitFor()
    await grid(page).locator('[role=row]').last().getByText('LLMTool').waitFor()
    const distance = () => grid(page).evaluate((element) => element.scrollHeight - element.scrollTop - element.clientHeight)
    expect(await distance()).toBeLessThan(3)
    await grid(page).evaluate((element) => element.scrollTo(0, 0))
    await page.getByRole('button', { name: 'Jump to newest' }).waitFor()
    await record(service.url, RUNNING.slice(-3))
    await page.locator(`input[max="${RUNNING.length}"]`).waitFor()
    expect(await grid(page).evaluate((element) => element.scrollTop)).toBe(0)
    await page.getByRole('button', { name: 'Jump to newest' }).click()
    await expect.poll(distance).toBeLessThan(3)
    await expectClean(opened)
  })

  it('says that a conversation has no events', async () => {
    const opened = await open(conversationPath('nothing here'))
    await opened.page.getByRole('heading', { name: 'No events in this conversation' }).waitFor()
    await expectClean(opened)
  })

  it('says that an event of the address is not there yet, and how far ahead the last one is', async () => {
    const days = 400.5
    const at = new Date(now + days * 24 * HOUR_MS)
    await record(service.url, sampleConversationTexts({ id: 'ahead', requests: 1, last: 'finished', everyMs: 0, startedAt: at }))
    const opened = await open(conversationPath('ahead', { seq: 999 }))
    await details(opened.page).getByText('The conversation has no such event yet.').waitFor()
    await opened.page.getByText('in 400 d').waitFor()
    await opened.close()
  })

  it('leads to where the work stopped', async () => {
    const opened = await open(conversationPath('stopped'))
    await opened.page.getByText('1 open end').click()
    await details(opened.page).getByText('No end of this run was recorded').waitFor()
    await opened.close()
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}

const grid = (page: Page) => page.getByRole('treegrid')
const details = (page: Page) => page.getByRole('complementary', { name: 'Selected event' })

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
