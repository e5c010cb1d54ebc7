import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { CHROMIUM_ARGUMENTS, findChromium } from './chromium.ts'
import { startOwnService } from './screenshots/own-service.ts'
import { recordHour } from './screenshots/record-hour.ts'
import { type SampleConversation, sampleHour } from './screenshots/sample-hour.ts'

/* Takes the README's pictures of the explorer, from conversations of the demo in a service of its own. */

const FOLDER = join(import.meta.dirname, '../../docs/images')
const WIDTH = 1600

/** The README says nothing of larger ones, and every clone carries them. */
const MAX_BYTES = 300_000

interface Picture {
  readonly name: string
  readonly theme: 'light' | 'dark'
  readonly path: string
  readonly height: number
  /** What is in sight once all of it is there. */
  readonly shows: string
}

function pictures(shown: SampleConversation): readonly Picture[] {
  return [
    { name: 'overview', theme: 'light', path: '/', height: 860, shows: 'main canvas' },
    {
      name: 'conversation',
      theme: 'dark',
      // The tool that failed comes before the three ends that followed from it.
      path: `/conversations/${shown.id}?seq=${shown.texts.length - 3}`,
      height: 1000,
      shows: '[role=treegrid] [role=row]',
    },
  ]
}

const service = await startOwnService()
try {
  const hour = sampleHour(new Date())
  await recordHour(service.url, hour)
  const shown = hour.at(-1)
  if (!shown) throw new Error('there is no conversation to show')
  const browser = await chromium.launch({ executablePath: await findChromium(), args: CHROMIUM_ARGUMENTS })
  try {
    for (const picture of pictures(shown)) await take(browser, picture)
  } finally {
    await browser.close()
  }
} finally {
  await service.stop()
}

async function take(browser: Browser, { name, theme, path, height, shows }: Picture): Promise<void> {
  const look = {
    viewport: { width: WIDTH, height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    locale: 'en-US',
    timezoneId: 'UTC',
  } as const
  const context = await browser.newContext(look)
  const page = await context.newPage()
  await page.goto(service.url + path)
  await page.locator(shows).first().waitFor()
  await page.waitForLoadState('networkidle')
  const image = await page.screenshot({ animations: 'disabled' })
  if (image.byteLength > MAX_BYTES) throw new Error(`${name}.png has ${image.byteLength} bytes, at most ${MAX_BYTES} are wanted`)
  await mkdir(FOLDER, { recursive: true })
  await writeFile(join(FOLDER, `${name}.png`), image)
  console.log(`docs/images/${name}.png: ${Math.round(image.byteLength / 1000)} KB`)
  await context.close()
}
