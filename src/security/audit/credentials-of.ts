import { KEY_PREFIX } from '../api-key.ts'

/** What a request presents as proof of who it is: whole, and the parts of it that are secret. */
export function credentialsOf(headers: Headers): string[] {
  const authorization = headers.get('Authorization') ?? ''
  const words = authorization.split(/\s+/)
  return [authorization, ...words, ...words.flatMap(secretParts)].filter((text) => text !== '')
}

/** Of a key what follows its id, which is no secret; the parts of a token. */
function secretParts(credential: string): readonly string[] {
  return credential.startsWith(KEY_PREFIX) ? [credential.slice(credential.lastIndexOf('_') + 1)] : credential.split('.')
}
