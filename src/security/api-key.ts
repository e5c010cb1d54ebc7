import { sha256Hex } from '../model/sha256-hex.ts'

/** What stands before every key, so that people and secret scanners know one when they see it. */
export const KEY_PREFIX = 'evs_'

const KEY_ID_CHARACTERS = 16
/** 256 bits: nobody guesses one, and a fast hash of it cannot be turned back. */
const SECRET_CHARACTERS = 43

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const KEY = new RegExp(`^${KEY_PREFIX}([A-Za-z0-9]{${KEY_ID_CHARACTERS}})_([A-Za-z0-9]{${SECRET_CHARACTERS}})$`)

export interface GeneratedKey {
  /** The whole key, `evs_<key id>_<secret>`: shown once, kept nowhere. */
  readonly key: string
  readonly key_id: string
  readonly secret_hash: string
}

export async function generateKey(): Promise<GeneratedKey> {
  const keyId = randomText(KEY_ID_CHARACTERS)
  const secret = randomText(SECRET_CHARACTERS)
  return { key: `${KEY_PREFIX}${keyId}_${secret}`, key_id: keyId, secret_hash: await hashSecret(secret) }
}

/** The parts of a key; null for any other text. */
export function parseKey(text: string): { readonly key_id: string; readonly secret: string } | null {
  const [, keyId, secret] = KEY.exec(text) ?? []
  return keyId === undefined || secret === undefined ? null : { key_id: keyId, secret }
}

/** SHA-256 in lower-case hex. */
export function hashSecret(secret: string): Promise<string> {
  return sha256Hex(secret)
}

function randomText(length: number): string {
  let text = ''
  while (text.length < length) {
    for (const byte of crypto.getRandomValues(new Uint8Array(length))) {
      // The bytes beyond the last whole round of the alphabet would make its beginning likelier.
      if (byte < 256 - (256 % ALPHABET.length) && text.length < length) text += ALPHABET[byte % ALPHABET.length]
    }
  }
  return text
}
