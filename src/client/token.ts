import { failure } from './failure.ts'

/** The API key, or a function that gives the one to use now. */
export type ApiKey = string | (() => string | Promise<string>)

/** The header's value. Throws `EventPersistenceError` when there is no usable key; never quotes it. */
export async function authorizationOf(apiKey: ApiKey, operation: string): Promise<string> {
  const key = typeof apiKey === 'string' ? apiKey : await ask(apiKey, operation)
  // What `Headers` throws for others would quote the key.
  if (typeof key === 'string' && /^[!-~]+$/.test(key)) return `Bearer ${key}`
  throw failure(operation, 'the API key is empty or has characters that no header can carry')
}

async function ask(apiKey: () => string | Promise<string>, operation: string): Promise<string> {
  try {
    return await apiKey()
  } catch (cause) {
    throw failure(operation, 'the token function threw', { transient: true, cause })
  }
}
