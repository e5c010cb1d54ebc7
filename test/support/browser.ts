import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults } from 'axe-core'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { CHROMIUM_ARGUMENTS, findChromium } from '../../src/local/chromium.ts'

type Theme = 'light' | 'dark'

/** Each width with each theme: `ALL_LOOKS=1`. Two of the four show both widths and both themes, in half the time. */
export const LOOKS: readonly { readonly width: number; readonly theme: Theme }[] = [
  { width: 360, theme: 'light' },
  { width: 1600, theme: 'dark' },
  ...(process.env.ALL_LOOKS
    ? ([
        { width: 360, theme: 'dark' },
        { width: 1600, theme: 'light' },
      ] as const)
    : []),
]

export interface OpenPageOptions {
  /** In CSS pixels. Default 1600. */
  readonly width?: number
  readonly height?: number
  /** What the operating system prefers. Default light. */
  readonly theme?: Theme
  /** Put into the tab before the page loads, as if its visitor had signed in. */
  readonly apiKey?: string
}

export interface OpenPage {
  readonly page: Page
  /** Requests that left the service's origin. */
  readonly foreignRequests: readonly string[]
  /** Errors and warnings of the console, breaches of the page's policy among them, and uncaught exceptions. */
  readonly consoleErrors: readonly string[]
  close(): Promise<void>
}

/** Null, with a line that says why, where no browser can be started: `it.skipIf(browser === null)`. */
export async function startBrowser(): Promise<Browser | null> {
  try {
    return await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_ARGUMENTS, headless: true })
  } catch (error) {
    // In continuous integration nothing may be skipped in silence.
    if (process.env.CI || process.env.CHROME_PATH) throw error
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    console.warn(`No browser starts here (${reason}). Set CHROME_PATH to an installed Chrome to run these tests.`)
    return null
  }
}

/** Opens a path of a service in a context of its own: nothing is stored from before. */
export async function openPage(browser: Browser, url: string, options: OpenPageOptions = {}): Promise<OpenPage> {
  const { width = 1600, height = 900, theme = 'light', apiKey } = options
  const { origin } = new URL(url)
  // Without a locale the browser takes the shell's, which may be none that JavaScript knows.
  const look = { viewport: { width, height }, colorScheme: theme, reducedMotion: 'reduce', locale: 'en-US' } as const
  const context = await browser.newContext(look)
  if (apiKey !== undefined) await signIn(context, apiKey)
  const page = await context.newPage()
  const foreignRequests: string[] = []
  const consoleErrors: string[] = []
  page.on('request', (request) => {
    const asked = new URL(request.url())
    if (asked.origin !== origin && !['data:', 'blob:'].includes(asked.protocol)) foreignRequests.push(request.url())
  })
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) consoleErrors.push(message.text())
  })
  page.on('pageerror', (error) => consoleErrors.push(String(error)))
  await page.goto(url)
  return { page, foreignRequests, consoleErrors, close: () => context.close() }
}

async function signIn(context: BrowserContext, apiKey: string): Promise<void> {
  await context.addInitScript((key) => {
    if (sessionStorage.getItem('event-store-api-key') === null) sessionStorage.setItem('event-store-api-key', key)
  }, apiKey)
}

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with the page, a line each. Its source comes through the debugger, which the page's policy does not concern. */
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const { violations } = await page.evaluate<AxeResults>('axe.run(document, { resultTypes: ["violations"] })')
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help} at ${target.join(' ')}: ${failureSummary ?? ''}`),
  )
}
