import { EventPersistenceError } from './errors.ts'
import { member, text } from './event-context.ts'
import { type EventToken, eventTokens, replaceTokens } from './event-tokens.ts'
import { toPath } from './issues.ts'
import { MAX_ID_LENGTH } from './limits.ts'
import { KEY_BYTES, type TextCipher, textCipher } from './text-cipher.ts'

/** What the key of an event is chosen by. The store finds events by all of it, so it stays readable. */
export interface EncryptedEvent {
  readonly event_id: string
  readonly event_type: string
  readonly conversation_id: string
  readonly assistant_request_id: string | null
  readonly user_id: string | null
}

export interface EventEncryptionOptions {
  /**
   * The id of the key that an event's texts are encrypted with, such as one for each user; null to leave them as they are. Must
   * always say the same of the same event: recorded again with another key, it is a conflict.
   */
  readonly keyIdOf: (event: EncryptedEvent) => string | null
  /** The key of that id, 32 random bytes; null when there is none any more. Asked for every event: keep what takes long to get. */
  readonly keyOf: (keyId: string) => MaybeKey | Promise<MaybeKey>
}

type MaybeKey = Uint8Array | null | undefined

export type EncryptedText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string }

export type DecryptedText =
  /** `missing` are the ids of keys that are not there: what they encrypted is still as it was. */
  | { readonly ok: true; readonly text: string; readonly missing: readonly string[] }
  | { readonly ok: false; readonly reason: string }

/** What a store has events encrypted with on their way in, and decrypted on their way out. */
export interface EventEncryption {
  /** `eventText` is well-formed and one JSON object. The message of a failure goes on from "it". */
  encrypt(eventText: string, event: EncryptedEvent): Promise<EncryptedText>
  /** Takes any text. */
  decrypt(eventText: string): Promise<DecryptedText>
}

const PREFIX = 'enc:v1:'

/** In the place of a key id: what follows was not encrypted, and only begins as if it were. */
const ESCAPED = `${PREFIX}:`

const SEALED = /^enc:v1:([^:"\\]+):([\w-]+)$/

/** Texts that are under way at a time: a large event has a hundred thousand. */
const AT_A_TIME = 64

/** Keys kept ready for use. */
const MAX_READY = 1_000

/**
 * Encrypts the personal texts of events (see `TextKind`), each where it stands, with AES-256-GCM and the application's keys:
 * `enc:v1:<key id>:<base64url>`. All else stays readable: ids, names, types and times, numbers, and the names of members. Give it
 * to a store as its `encryption`. Its calls throw `EventPersistenceError`, transient, when `keyOf` fails, and `TypeError` for a
 * key that is none.
 */
export function eventEncryption({ keyIdOf, keyOf }: EventEncryptionOptions): EventEncryption {
  const ready = new Map<string, { readonly key: Uint8Array; readonly cipher: TextCipher }>()

  /** Null without such a key: a destroyed one is not remembered either. */
  async function cipherOf(keyId: string, operation: string): Promise<TextCipher | null> {
    const given = await ask(keyOf, keyId, operation)
    const known = ready.get(keyId)
    if (given && known && isSame(given, known.key)) return known.cipher
    ready.delete(keyId)
    if (!given) return null
    if (!(given instanceof Uint8Array) || given.length !== KEY_BYTES)
      throw new TypeError(`The key ${JSON.stringify(keyId)} is none of AES-256: give ${KEY_BYTES} bytes, as a Uint8Array`)
    const key = new Uint8Array(given)
    const cipher = await textCipher(key)
    const [oldest] = ready.keys()
    if (ready.size >= MAX_READY && oldest !== undefined) ready.delete(oldest)
    ready.set(keyId, { key, cipher })
    return cipher
  }

  return {
    async encrypt(eventText, event) {
      const keyId = keyIdOf(event)
      const texts = eventTokens(eventText).filter(isPersonalText)
      if (keyId === null) return { ok: true, text: replaceTokens(eventText, escaped(eventText, texts)) }
      if (!isPossibleKeyId(keyId)) {
        return { ok: false, message: `cannot be encrypted: a key id has 1 to ${MAX_ID_LENGTH} characters of well-formed text` }
      }
      const cipher = await cipherOf(keyId, 'encrypt')
      if (!cipher) return { ok: false, message: `cannot be encrypted: there is no key ${JSON.stringify(keyId)}` }
      const replacements = await mapSome(texts, async ({ start, end, path }) => {
        const sealed = await cipher.encrypt(eventText.slice(start + 1, end - 1), placeOf(event.event_id, path))
        return { start, end, json: `"${PREFIX}${encodeURIComponent(keyId)}:${sealed}"` }
      })
      return { ok: true, text: replaceTokens(eventText, replacements) }
    },

    async decrypt(eventText) {
      const eventId = eventText.includes(`"${PREFIX}`) ? eventIdOf(eventText) : null
      if (eventId === null) return { ok: true, text: eventText, missing: [] }
      const texts = eventTokens(eventText).filter(
        (token) => isPersonalText(token) && eventText.startsWith(PREFIX, token.start + 1),
      )
      const ciphers = new Map<string, TextCipher | null>()
      const missing: string[] = []
      for (const { start, end } of texts) {
        const keyId = sealedText(eventText.slice(start + 1, end - 1))?.keyId
        if (keyId === undefined || ciphers.has(keyId)) continue
        const cipher = await cipherOf(keyId, 'decrypt')
        if (!cipher) missing.push(keyId)
        ciphers.set(keyId, cipher)
      }
      let wrong: EventToken | undefined
      const replacements = await mapSome(texts, async (token) => {
        const { start, end, path } = token
        const raw = eventText.slice(start + 1, end - 1)
        if (raw.startsWith(ESCAPED)) return { start, end, json: `"${raw.slice(ESCAPED.length)}"` }
        const found = sealedText(raw)
        const cipher = found && ciphers.get(found.keyId)
        // Without its key, or not made here: it stays as it is.
        if (!cipher) return { start, end, json: `"${raw}"` }
        const opened = await cipher.decrypt(found.sealed, placeOf(eventId, path))
        if (opened === null) wrong ??= token
        return { start, end, json: `"${opened ?? ''}"` }
      })
      if (wrong) {
        const reason = `its encrypted text at ${JSON.stringify(toPath(wrong.path))} was changed or moved, or is of another key`
        return { ok: false, reason }
      }
      return { ok: true, text: replaceTokens(eventText, replacements), missing }
    },
  }
}

async function ask(keyOf: EventEncryptionOptions['keyOf'], keyId: string, operation: string): Promise<MaybeKey> {
  try {
    return await keyOf(keyId)
  } catch (cause) {
    throw new EventPersistenceError(`${operation} failed: keyOf threw for the key ${JSON.stringify(keyId)}`, {
      operation,
      transient: true,
      cause,
    })
  }
}

/** An empty string says nothing that its length does not. */
function isPersonalText({ kind, start, end }: EventToken): boolean {
  return kind === 'personal' && end - start > 2
}

function escaped(eventText: string, texts: readonly EventToken[]) {
  return texts
    .filter(({ start }) => eventText.startsWith(PREFIX, start + 1))
    .map(({ start, end }) => ({ start, end, json: `"${ESCAPED}${eventText.slice(start + 1, end - 1)}"` }))
}

/** What a text is bound to: so it means nothing in another event, or in another of its members. */
function placeOf(eventId: string, path: EventToken['path']): string {
  return JSON.stringify([eventId, ...path])
}

/** Null for what no encryption has written. */
function sealedText(raw: string): { readonly keyId: string; readonly sealed: string } | null {
  const [, keyId, sealed] = SEALED.exec(raw) ?? []
  if (keyId === undefined || sealed === undefined) return null
  try {
    const id = decodeURIComponent(keyId)
    return isPossibleKeyId(id) ? { keyId: id, sealed } : null
  } catch {
    return null
  }
}

/** Null for a text that is no event: what is wrong with it is for the codec to say. */
function eventIdOf(eventText: string): string | null {
  try {
    return text(member(JSON.parse(eventText), 'event_id'))
  } catch {
    return null
  }
}

function isPossibleKeyId(keyId: unknown): keyId is string {
  return typeof keyId === 'string' && keyId !== '' && keyId.length <= MAX_ID_LENGTH && keyId.isWellFormed()
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, at) => byte === b[at])
}

async function mapSome<T, R>(items: readonly T[], map: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let at = 0; at < items.length; at += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(at, at + AT_A_TIME).map(map))))
  }
  return results
}
