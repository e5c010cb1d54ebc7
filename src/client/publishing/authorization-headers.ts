import { within } from '../../model/timers.ts'
import { type ApiKey, authorizationOf } from '../token.ts'

/** The headers that authenticate a publish; none where there is no key, or none to be had in time (`onFailure` hears why). */
export async function authorizationHeaders(
  apiKey: ApiKey | undefined,
  timeoutMs: number,
  onFailure: (error: unknown) => void,
): Promise<Record<string, string>> {
  if (apiKey === undefined) return {}
  try {
    const authorization = await within(authorizationOf(apiKey, 'publishEvent'), timeoutMs, async () => {
      throw new Error(`the token function gave nothing within ${timeoutMs} ms`)
    })
    return { Authorization: authorization }
  } catch (error) {
    onFailure(error)
    return {}
  }
}
