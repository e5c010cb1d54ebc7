import { MAX_ID_LENGTH } from './limits.ts'

/** C0, C1, and the line and paragraph separators: what could break a line where someone prints it. */
const BREAKING = /[\p{Cc}\u2028\u2029]/gu

/** Keys and tickets of this store, tokens, `Authorization` values and connection strings, wherever in a text they stand. */
const SECRETS = [
  /ev[st]_[\w-]{8,}/i,
  /\beyJ[\w-]+\.[\w-]+(\.[\w-]*)?/,
  /\b(bearer|basic)\s+\S{8,}/i,
  /\b[a-z][a-z0-9+.-]*:\/\/[^/\s@]*:[^/\s@]*@/i,
]

/** Shorter credentials would turn up by chance, in ids that hold nothing of them. */
const MIN_CREDENTIAL_LENGTH = 8

const REDACTED = '[redacted]'

/**
 * Text from outside, fit for a log: bounded, on one line, well-formed; all of it is left out where it looks like a secret or holds
 * one of `credentials`, which are those of its own request.
 */
export function harmlessText(text: string, credentials: readonly string[] = []): string {
  const holdsCredential = credentials.some((one) => one.length >= MIN_CREDENTIAL_LENGTH && text.includes(one))
  if (holdsCredential || looksSecret(text)) return REDACTED
  return text.slice(0, MAX_ID_LENGTH).toWellFormed().replaceAll(BREAKING, '\uFFFD')
}

/** Whether a text holds what secrets look like. One without a form of its own cannot be told from an id. */
function looksSecret(text: string): boolean {
  return SECRETS.some((secret) => secret.test(text))
}
