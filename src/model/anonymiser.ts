import { anonymise, pseudonymisedTexts } from './anonymise.ts'
import { toHex } from './hex.ts'
import { stringifyJson } from './json.ts'
import { eventOf } from './stored-event.ts'

/** A shorter secret could be found by trying. */
const MIN_SECRET_BYTES = 16

/** Of a pseudonym: as long as Graphite's ids, 128 bits. */
const PSEUDONYM_DIGITS = 32

/** Pseudonyms that are remembered: those of some thousand runs. */
const MAX_REMEMBERED = 100_000

/** Takes an event, with its place too as iterators give it, or its JSON text, and gives its anonymised text. */
export type Anonymiser = (event: string | object) => Promise<string>

/**
 * Makes copies of events for analyses, see `anonymise`. A pseudonym is the identifier's HMAC-SHA-256 with the secret: the same
 * identifier has the same one in every event, and nobody finds it again without the secret. Throws `TypeError` for a secret of
 * fewer than 16 bytes (in UTF-8); the function that it gives rejects with `TypeError` for what is no event.
 */
export function anonymiser(secret: string): Anonymiser {
  const bytes = new TextEncoder().encode(secret)
  if (bytes.length < MIN_SECRET_BYTES) throw new TypeError(`The secret of an anonymiser has at least ${MIN_SECRET_BYTES} bytes`)
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  let key: Awaited<ReturnType<typeof crypto.subtle.importKey>> | undefined
  const known = new Map<string, string>()

  async function pseudonymOf(text: string): Promise<string> {
    const found = known.get(text)
    if (found !== undefined) return found
    key ??= await crypto.subtle.importKey('raw', bytes, algorithm, false, ['sign'])
    // Half a surrogate pair has no UTF-8; its JSON text has.
    const given = new TextEncoder().encode(text.isWellFormed() ? text : JSON.stringify(text))
    const digest = new Uint8Array(await crypto.subtle.sign('HMAC', key, given))
    const pseudonym = toHex(digest).slice(0, PSEUDONYM_DIGITS)
    if (known.size >= MAX_REMEMBERED) known.clear()
    known.set(text, pseudonym)
    return pseudonym
  }

  return async (event) => {
    const text = typeof event === 'string' ? event : stringifyJson(eventOf(event))
    requireObject(text)
    const pseudonyms = new Map<string, string>()
    for (const one of pseudonymisedTexts(text)) pseudonyms.set(one, await pseudonymOf(one))
    return anonymise(text, (one) => pseudonyms.get(one) ?? '')
  }
}

function requireObject(text: string): void {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new TypeError('An event is a JSON object: this is no JSON')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('An event is a JSON object')
}
