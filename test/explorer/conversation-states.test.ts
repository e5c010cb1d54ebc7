import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { conversationPath } from '../../src/explorer/routing/paths.ts'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { record, type SampleOptions, sampleConversationTexts } from './sample-conversations.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

const HOUR_MS = 3_600_000
const begun = Date.now()
const sample = (options: Omit<SampleOptions, 'everyMs' | 'startedAt'>, ago: number) =>
  sampleConversationTexts({ ...options, everyMs: HOUR_MS, startedAt: new Date(begun - ago - (options.requests - 1) * HOUR_MS) })
const FAILING = sample({ id: 'failing', requests: 3, last: 'failed' }, 60_000)

beforeAll(async () => {
  if (!browser) return
  service = await startTestService({ history: 'in-memory' })
  await record(service.url, FAILING)
  await record(service.url, sample({ id: 'stopped', requests: 1, last: 'unfinished' }, HOUR_MS))
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

const RUNNING = { requests: 1, last: 'unfinished', everyMs: 0 } as const

const states = [
  { path: conversationPath('failing', { seq: FAILING.length - 3 }), state: 'Failed', says: 'the search service did not answer' },
  { path: conversationPath('stopped'), state: 'Unfinished', says: 'no end' },
  { path: conversationPath('running', { live: true }), state: 'Running now', says: 'ReActAssistant' },
]

describe.skipIf(browser === null)('the view of a failing, an unfinished and a running conversation', () => {
  it.each(LOOKS)('says what it is, $width pixels wide, $theme', async ({ width, theme }) => {
    if (!browser) return
    // Work counts as running for some time after it was recorded only.
    const running = sampleConversationTexts({ ...RUNNING, id: `running-${width}-${theme}`, startedAt: new Date() })
    await record(service.url, running)
    for (const { path: of, state, says } of states) {
      const path = of.replace('running', `running-${width}-${theme}`)
      const { page, foreignRequests, consoleErrors, close } = await openPage(browser, service.url + path, { width, theme })
      await page.getByRole('treegrid').waitFor()
      await page.getByRole('definition').getByText(state, { exact: true }).waitFor()
      await page.getByText(says).filter({ visible: true }).first().waitFor()
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
      expect(await accessibilityViolations(page)).toEqual([])
      expect(foreignRequests).toEqual([])
      expect(consoleErrors).toEqual([])
      await close()
    }
  })
})
