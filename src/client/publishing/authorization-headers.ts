import { type ApiKey, authorizationOf } from '../token.ts'

/** The headers that authenticate a publish; none where there is no key, or none to be had in time (`onFailure` hears why). */
export async function authorizationHeaders(
  apiKey: ApiKey | undefined,
  timeoutMs: number,
  onFailure: (error: unknown) => void,
): Promise<Record<string, string>> {
  if (apiKey === undefined) return {}
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`the token function gave nothing within ${timeoutMs} ms`)), timeoutMs)
  try {
    return { Authorization: await Promise.race([authorizationOf(apiKey, 'publishEvent'), late.promise]) }
  } catch (error) {
    onFailure(error)
    return {}
  } finally {
    clearTimeout(timer)
  }
}
