import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { accessibilityViolations, LOOKS, openPage, startBrowser } from '../support/browser.ts'
import { bearer, createKey, keyIdOf } from '../support/keys.ts'
import type { TestDatabase } from '../support/postgres.ts'
import { startTestService, type TestService } from '../support/service.ts'
import { waitFor } from '../support/wait-for.ts'
import { sampleConversationTexts } from './sample-conversations.ts'

const browser: Browser | null = await startBrowser()
let service: TestService
let database: TestDatabase
let admin: string
let reader: string

beforeAll(async () => {
  if (!browser) return
  service = await startTestService({ history: 'postgres', vars: { ENVIRONMENT: 'production' } })
  database = service.database as TestDatabase
  admin = await createKey(database, 'acme', ['admin'])
  reader = await createKey(database, 'acme', ['events:read'])
  const texts = sampleConversationTexts({ id: 'mine', requests: 1, everyMs: 0, startedAt: new Date() })
  const headers = { ...bearer(admin), 'Content-Type': 'application/json' }
  const answer = await fetch(`${service.url}/v1/events`, { method: 'POST', headers, body: `[${texts.join(',')}]` })
  expect(answer.status).toBe(201)
  await waitFor('the history', 30, async () => {
    const list = await fetch(`${service.url}/v1/conversations`, { headers: bearer(reader) })
    return (await list.text()).includes('"mine"')
  })
})
afterAll(async () => {
  await browser?.close()
  await service?.stop()
})

describe.skipIf(browser === null)('signing in to the explorer', () => {
  it.each(LOOKS)(
    'asks for a key, refuses one that does not hold, names a scope that lacks, $width wide, $theme',
    async (look) => {
      const { page, foreignRequests, close } = await open('/conversations', look)
      const looksWell = async () => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(look.width)
        expect(await accessibilityViolations(page)).toEqual([])
      }
      await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
      expect(await page.getByRole('link', { name: 'Overview' }).count()).toBe(0)
      await looksWell()
      await signIn(page, 'no key at all')
      await page.getByRole('alert').getByText('A key has no spaces').waitFor()
      await signIn(page, `evs_${'a'.repeat(16)}_${'b'.repeat(43)}`)
      await page.getByRole('alert').getByText('This key is refused').waitFor()
      await looksWell()
      await page.locator('input[type=password]:focus').waitFor()
      await signIn(page, await createKey(database, 'acme', ['events:write', 'events:publish', 'events:erase']))
      await page.getByRole('heading', { name: 'No access' }).waitFor()
      await page.getByText('Your key lacks the scope events:read').waitFor()
      await looksWell()
      await page.getByRole('button', { name: 'Use another key' }).click()
      await signIn(page, reader)
      await page.getByRole('link', { name: 'mine' }).waitFor()
      await looksWell()
      expect(foreignRequests).toEqual([])
      await close()
    },
  )

  it('keeps the key in the storage of the tab, and nowhere else', async () => {
    const { page, close } = await open('/')
    const said: string[] = []
    const urls: string[] = []
    const carrying: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('request', (request) => {
      urls.push(request.url())
      if (Object.values(request.headers()).some((value) => value.includes(reader))) carrying.push(new URL(request.url()).pathname)
    })
    await field(page).fill(reader)
    const html = [await page.content()]
    await page.keyboard.press('Enter')
    await page.getByRole('link', { name: 'mine' }).first().waitFor()
    for (const view of ['Conversations', 'Search', 'Unfinished', 'Application runs']) {
      await page.getByRole('link', { name: view, exact: true }).click()
      await page.getByRole('heading', { level: 1, name: view }).waitFor()
      html.push(await page.content())
    }
    await page.getByRole('link', { name: 'Conversations', exact: true }).click()
    await page.getByRole('link', { name: 'mine' }).click()
    await page.getByRole('treegrid').waitFor()
    html.push(await page.content())
    expect(await stores(page)).toEqual({
      session: [reader],
      local: [],
      cookie: '',
      databases: [],
      caches: [],
      state: null,
      name: '',
    })
    const secret = reader.slice(reader.indexOf('_', 'evs_'.length) + 1)
    for (const text of [...html, ...said, ...urls, await page.evaluate<string>('document.title + location.href')]) {
      expect(text).not.toContain(secret)
    }
    expect(carrying.length).toBeGreaterThan(3)
    expect(carrying.filter((path) => !path.startsWith('/v1/'))).toEqual([])
    await page.reload()
    await page.getByRole('treegrid').waitFor()
    await close()
  })

  it('forgets the key and all that was read with it when its owner signs out', async () => {
    const { page, close } = await open('/conversations', { apiKey: reader })
    await page.getByRole('link', { name: 'mine' }).waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'Sign in' }).waitFor()
    expect(await page.content()).not.toContain('mine')
    expect(await stores(page)).toMatchObject({ session: [], local: [] })
    await signIn(page, await createKey(database, 'globex', ['events:read']))
    await page.getByRole('heading', { name: 'No conversations yet' }).waitFor()
    await close()
  })

  it('asks again when the key is revoked while the page is open, and goes on at the same place', async () => {
    const key = await createKey(database, 'acme', ['events:read'])
    const { page, close } = await open('/conversations')
    await signIn(page, key)
    await page.getByRole('link', { name: 'mine' }).waitFor()
    const revoked = await fetch(`${service.url}/v1/keys/${keyIdOf(key)}`, { method: 'DELETE', headers: bearer(admin) })
    expect(revoked.status).toBe(200)
    await page.getByRole('button', { name: 'Refresh' }).click()
    await page.getByRole('alert').getByText('This key is refused: it may have expired or been revoked.').waitFor()
    expect(await page.content()).not.toContain('mine')
    expect(await stores(page)).toMatchObject({ session: [] })
    await signIn(page, reader)
    await page.getByRole('heading', { level: 1, name: 'Conversations' }).waitFor()
    await page.getByRole('link', { name: 'mine' }).waitFor()
    await close()
  })
})

function open(path: string, options: Parameters<typeof openPage>[2] = {}) {
  if (!browser) throw new Error('there is no browser')
  return openPage(browser, service.url + path, options)
}

const field = (page: Page) => page.getByLabel('API key')

async function signIn(page: Page, key: string) {
  await field(page).fill(key)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** All that the page keeps in the browser. */
function stores(page: Page): Promise<unknown> {
  return page.evaluate(`(async () => ({
    session: Object.values(sessionStorage),
    local: Object.values(localStorage),
    cookie: document.cookie,
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: await caches.keys(),
    state: history.state,
    name: window.name,
  }))()`)
}
