import { createMiddleware } from 'hono/factory'
import { RequestFailure } from '../../protocol/failure.ts'
import { TICKET_PREFIX } from '../../security/ticket.ts'
import type { AppEnv } from '../app.ts'

/** Under which credentials are sent where they are sent in URLs, in lower case without `_` and `-`. */
const CREDENTIAL_PARAMETERS = new Set([
  'accesstoken',
  'apikey',
  'auth',
  'authorization',
  'authtoken',
  'bearer',
  'bearertoken',
  'clientsecret',
  'idtoken',
  'jwt',
  'key',
  'password',
  'secret',
  'sessiontoken',
  'ticket',
  'token',
  'xapikey',
])

/** Keys and tickets of this store, and tokens, by their whole form: no id that someone chose looks like one by chance. */
const CREDENTIAL_FORMS = [/evs_[A-Za-z0-9]{16}_[A-Za-z0-9]{43}/, /evt_[\w-]{44}/, /\beyJ[\w-]+\.eyJ[\w-]+\./]

/** Where a ticket may stand in the query, since browsers open such a stream without headers. Nothing else may, even there. */
const TICKET_PATH = /^\/v1\/conversations\/[^/]+\/live$/

/**
 * Refuses a credential in the query, whether or not it holds: URLs stand in logs and histories on the way. The answer does not
 * repeat it.
 */
export const refuseUrlCredentials = createMiddleware<AppEnv>(async (c, next) => {
  if (c.req.url.includes('?')) {
    const { searchParams, pathname } = new URL(c.req.url)
    const isTicket = (name: string, value: string) =>
      name === 'ticket' && value.startsWith(TICKET_PREFIX) && c.req.method !== 'POST' && TICKET_PATH.test(pathname)
    const names = [...searchParams]
      .filter(([name, value]) => isCredential(name, value) && !isTicket(name, value))
      .map(([name]) => name)
    if (names.length > 0) throw new RequestFailure({ kind: 'invalid-request', errors: [...new Set(names)].map(issueOf) })
  }
  await next()
})

function isCredential(name: string, value: string): boolean {
  return (
    CREDENTIAL_PARAMETERS.has(name.toLowerCase().replaceAll(/[-_]/g, '')) || CREDENTIAL_FORMS.some((form) => form.test(value))
  )
}

function issueOf(path: string) {
  const message =
    'is no place for a credential: send a key or a token as Authorization: Bearer. A ticket (evt_...) is taken by GET /v1/conversations/{id}/live alone, as its parameter ticket. Replace this one, which logs may hold now'
  return { path, message }
}
