import { fromBase64Url, toBase64Url } from './base64-url.ts'
import { encoder } from './utf8-bytes.ts'

/** AES-256. */
export const KEY_BYTES = 32

/** What AES-GCM takes, and what it puts behind the text. */
const IV_BYTES = 12
const TAG_BYTES = 16

/** What HKDF makes two keys of one with. Stored texts are made with them: they never change. */
const IV_KEY = 'edge-event-store enc:v1 iv'
const TEXT_KEY = 'edge-event-store enc:v1 text'

/** Gives a text as it was, a leading U+FEFF included. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true })

/** Encrypts texts with one key, each bound to a place. */
export interface TextCipher {
  /** Base64url of IV, text and tag. The same text at the same place gives the same. Both must be well-formed Unicode. */
  encrypt(text: string, place: string): Promise<string>
  /** Null when the text was not encrypted with this key for this place, or was changed since. */
  decrypt(sealed: string, place: string): Promise<string | null>
}

/**
 * AES-256-GCM, the place as its additional data. The IV is not drawn but made of place and text (HMAC-SHA-256, 96 bits), so that an
 * event that is recorded again has the same text, and no IV is used for two different ones. `key` has 32 bytes.
 */
export async function textCipher(key: Uint8Array<ArrayBuffer>): Promise<TextCipher> {
  const { subtle } = crypto
  const secret = await subtle.importKey('raw', key, 'HKDF', false, ['deriveKey'])
  const derivation = (info: string) => ({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: encoder.encode(info) })
  const hmac = { name: 'HMAC', hash: 'SHA-256', length: 256 }
  const aes = { name: 'AES-GCM', length: 256 }
  const ivKey = await subtle.deriveKey(derivation(IV_KEY), secret, hmac, false, ['sign'])
  const textKey = await subtle.deriveKey(derivation(TEXT_KEY), secret, aes, false, ['encrypt', 'decrypt'])
  return {
    async encrypt(text, place) {
      const additionalData = encoder.encode(place)
      const plain = encoder.encode(text)
      const hashed = joined(encoder.encode(`${additionalData.length}:`), additionalData, plain)
      const iv = new Uint8Array(await subtle.sign('HMAC', ivKey, hashed)).slice(0, IV_BYTES)
      const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData }, textKey, plain)
      return toBase64Url(joined(iv, new Uint8Array(sealed)))
    },
    async decrypt(sealed, place) {
      try {
        const bytes = fromBase64Url(sealed)
        const [iv, text] = [bytes.slice(0, IV_BYTES), bytes.slice(IV_BYTES)]
        const additionalData = encoder.encode(place)
        return decoder.decode(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData }, textKey, text))
      } catch {
        return null
      }
    },
  }
}

/** The length of what `encrypt` gives for a text of so many bytes. */
export function sealedLength(bytes: number): number {
  return Math.ceil(((IV_BYTES + bytes + TAG_BYTES) * 4) / 3)
}

/** Whether `encrypt` may have given it: base64url in its one spelling, with room for IV and tag. */
export function isSealed(text: string): boolean {
  const last = text.slice(text.length - (text.length % 4))
  return text.length >= sealedLength(0) && /^[\w-]+$/.test(text) && /^(|.[AQgw]|..[AEIMQUYcgkosw048])$/.test(last)
}

function joined(...parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
