import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { startTestService, type TestService } from '../support/service.ts'

const browser: Browser | null = await startBrowser()
let service: TestService

beforeAll(async () => {
  service = await startTestService({ history: 'in-memory' })
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('the explorer in a browser', () => {
  it.each(LOOKS)('opens without a key on loopback, $width pixels wide, $theme', async ({ width, theme }) => {
    const opened = await open('/', { width, theme })
    const { page, foreignRequests, consoleErrors } = opened
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
    await page.waitForLoadState('networkidle')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
    expect(await accessibilityViolations(page)).toEqual([])
    expect(foreignRequests).toEqual([])
    expect(consoleErrors).toEqual([])
    await opened.close()
  })

  it('moves the focus to the heading of the view that was chosen', async () => {
    const opened = await open('/')
    const { page } = opened
    await page.getByRole('link', { name: 'Search' }).click()
    await page.getByRole('heading', { level: 1, name: 'Search' }).waitFor()
    await page.locator('h1:focus').waitFor()
    expect(await page.title()).toContain('Search')
    expect(new URL(page.url()).pathname).toBe('/search')
    await opened.close()
  })

  it('opens the menu of a narrow screen, and closes it when a view is chosen', async () => {
    const opened = await open('/', { width: 360 })
    const { page } = opened
    await page.getByRole('heading', { level: 1 }).waitFor()
    const link = page.getByRole('link', { name: 'Unfinished' })
    expect(await link.isVisible()).toBe(false)
    await page.getByRole('button', { name: 'Open menu' }).click()
    expect(await accessibilityViolations(page)).toEqual([])
    await link.click()
    await page.getByRole('heading', { level: 1, name: 'Unfinished' }).waitFor()
    expect(await link.isVisible()).toBe(false)
    await opened.close()
  })

  it('keeps the chosen theme', async () => {
    const opened = await open('/')
    const { page } = opened
    const background = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor')
    const light = await background()
    await page.getByRole('button', { name: /^Theme/ }).click()
    await page.getByRole('button', { name: /^Theme/ }).click()
    expect(await background()).not.toBe(light)
    await page.reload()
    await page.getByRole('button', { name: 'Theme: dark' }).waitFor()
    expect(await background()).not.toBe(light)
    await opened.close()
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}
