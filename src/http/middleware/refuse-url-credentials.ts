import { createMiddleware } from 'hono/factory'
import { RequestFailure } from '../../protocol/failure.ts'
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
  'token',
  'xapikey',
])

/**
 * Refuses a credential in the query, whether or not it holds: URLs stand in logs and histories on the way. The answer does not
 * repeat it.
 */
export const refuseUrlCredentials = createMiddleware<AppEnv>(async (c, next) => {
  const { search, searchParams } = new URL(c.req.url)
  if (search !== '') {
    const names = [...searchParams.keys()].filter((name) => CREDENTIAL_PARAMETERS.has(name.toLowerCase().replaceAll(/[-_]/g, '')))
    if (names.length > 0) throw new RequestFailure({ kind: 'invalid-request', errors: [...new Set(names)].map(issueOf) })
  }
  await next()
})

function issueOf(path: string) {
  const message = 'is no place for a credential: send it as Authorization: Bearer, and replace this one, which logs may hold now'
  return { path, message }
}
