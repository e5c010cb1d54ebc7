import { EventPersistenceError } from './errors.ts'
import { member, text } from './event-context.ts'
import { type EventToken, eventTokens, jsonDepth, pathOf, replaceTokens } from './event-tokens.ts'
import { toPath } from './issues.ts'
import { MAX_EVENT_BYTES, MAX_ID_LENGTH, MAX_JSON_DEPTH } from './limits.ts'
import { isSealed, KEY_BYTES, sealedLength, type TextCipher, textCipher } from './text-cipher.ts'
import { within } from './timers.ts'
import { utf8Bytes } from './utf8-bytes.ts'

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
  /**
   * The key of that id, 32 random bytes; null when there is none, or none any more. Asked for every event: keep what takes long to
   * get. Reading asks for the ids that texts name, which others may have written: give null for one that you do not know, and look
   * it up in a Map. Whoever throws says that the keys are away.
   */
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

/** Before a text that was not encrypted, and only begins as if it were. */
const ESCAPE = `${PREFIX}:`
const ESCAPED = `${ESCAPE}${PREFIX}`

const SEALED = /^enc:v1:([^:"\\]+):([\w-]+)$/

/** Texts that are under way at a time: a large event has some eighty thousand, of fifty bytes when they are encrypted. */
const AT_A_TIME = 64

/** Milliseconds that a key is waited for: as long as a request to the service. */
const KEY_TIMEOUT_MS = 30_000

/** Keys kept ready for use. */
const MAX_READY = 1_000

/**
 * Encrypts the personal texts of events (see `TextKind`), each where it stands, with AES-256-GCM and the application's keys:
 * `enc:v1:<key id>:<base64url>`. All else stays readable: ids, names, types and times, numbers, and the names of members. Give it
 * to a store as its `encryption`. Its calls throw `EventPersistenceError`, transient, when `keyOf` fails or takes more than 30
 * seconds; `encrypt` throws `TypeError` for a key that is none.
 */
export function eventEncryption({ keyIdOf, keyOf }: EventEncryptionOptions): EventEncryption {
  const ready = new Map<string, { readonly key: Uint8Array; readonly cipher: TextCipher }>()

  /** Null without such a key: a destroyed one is not remembered either. */
  async function cipherOf(keyId: string, operation: string): Promise<TextCipher | 'bad key' | null> {
    const given = await ask(keyOf, keyId, operation)
    const known = ready.get(keyId)
    if (given && known && isSame(given, known.key)) return known.cipher
    ready.delete(keyId)
    if (!given) return null
    if (!(given instanceof Uint8Array) || given.length !== KEY_BYTES) return 'bad key'
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
      if (jsonDepth(eventText) > MAX_JSON_DEPTH)
        return { ok: false, message: `is nested more than ${MAX_JSON_DEPTH} deep (MAX_JSON_DEPTH): send a flatter event` }
      const texts = eventTokens(eventText).filter(isPersonalText)
      if (keyId === null) return { ok: true, text: replaceTokens(eventText, escaped(eventText, texts)) }
      if (!isPossibleKeyId(keyId)) {
        return { ok: false, message: `cannot be encrypted: a key id has 1 to ${MAX_ID_LENGTH} characters of well-formed text` }
      }
      const label = `${PREFIX}${encodeURIComponent(keyId)}:`
      const bytes = texts.reduce((sum, token) => sum + growth(eventText, token, label), utf8Bytes(eventText))
      if (bytes > MAX_EVENT_BYTES) {
        const why = `has ${bytes} bytes of JSON text: an event has at most ${MAX_EVENT_BYTES}`
        return { ok: false, message: `cannot be recorded encrypted, where it ${why}` }
      }
      const cipher = await cipherOf(keyId, 'encrypt')
      if (cipher === 'bad key') throw new TypeError(badKey(keyId))
      if (!cipher) return { ok: false, message: `cannot be encrypted: there is no key ${JSON.stringify(keyId)}` }
      const replacements = await mapSome(texts, async (token) => {
        const { start, end } = token
        const sealed = await cipher.encrypt(eventText.slice(start + 1, end - 1), placeOf(event.event_id, token))
        return { start, end, json: `"${label}${sealed}"` }
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
        if (cipher === 'bad key') return { ok: false, reason: badKey(keyId) }
        if (!cipher) missing.push(keyId)
        ciphers.set(keyId, cipher)
      }
      let wrong: EventToken | undefined
      const replacements = await mapSome(texts, async (token) => {
        const { start, end } = token
        const raw = eventText.slice(start + 1, end - 1)
        if (raw.startsWith(ESCAPED)) return { start, end, json: `"${raw.slice(ESCAPE.length)}"` }
        const found = sealedText(raw)
        const cipher = found && ciphers.get(found.keyId)
        // Without its key, or not made here: it stays as it is.
        if (!cipher) return { start, end, json: `"${raw}"` }
        const opened = await cipher.decrypt(found.sealed, placeOf(eventId, token))
        if (opened === null) wrong ??= token
        return { start, end, json: `"${opened ?? ''}"` }
      })
      if (wrong) {
        const reason = `its encrypted text at ${JSON.stringify(toPath(pathOf(wrong)))} was changed or moved, or is of another key`
        return { ok: false, reason }
      }
      return { ok: true, text: replaceTokens(eventText, replacements), missing }
    },
  }
}

async function ask(keyOf: EventEncryptionOptions['keyOf'], keyId: string, operation: string): Promise<MaybeKey> {
  const failed = (why: string, cause?: unknown) =>
    new EventPersistenceError(`${operation} failed: keyOf ${why} for the key ${JSON.stringify(keyId)}`, {
      operation,
      transient: true,
      cause,
    })
  const late = () => Promise.reject(failed(`had no answer within ${KEY_TIMEOUT_MS} ms`))
  const asked = async () => keyOf(keyId)
  return within(
    asked().catch((cause: unknown) => Promise.reject(failed('threw', cause))),
    KEY_TIMEOUT_MS,
    late,
  )
}

function badKey(keyId: string): string {
  return `the key ${JSON.stringify(keyId)} is none of AES-256: give ${KEY_BYTES} bytes, as a Uint8Array`
}

/** Bytes by which a text is longer when it is encrypted. */
function growth(eventText: string, { start, end }: EventToken, label: string): number {
  const bytes = utf8Bytes(eventText.slice(start + 1, end - 1))
  return label.length + sealedLength(bytes) - bytes
}

/** An empty string says nothing that its length does not. */
function isPersonalText({ kind, start, end }: EventToken): boolean {
  return kind === 'personal' && end - start > 2
}

function escaped(eventText: string, texts: readonly EventToken[]) {
  return texts
    .filter(({ start }) => eventText.startsWith(PREFIX, start + 1))
    .map(({ start, end }) => ({ start, end, json: `"${ESCAPE}${eventText.slice(start + 1, end - 1)}"` }))
}

/** What a text is bound to: so it means nothing in another event, or in another of its members. */
function placeOf(eventId: string, token: EventToken): string {
  return JSON.stringify([eventId, ...pathOf(token)])
}

/** Null for what no encryption has written: of both parts each value has one spelling. */
function sealedText(raw: string): { readonly keyId: string; readonly sealed: string } | null {
  const [, keyId, sealed] = SEALED.exec(raw) ?? []
  if (keyId === undefined || sealed === undefined) return null
  try {
    const id = decodeURIComponent(keyId)
    return isPossibleKeyId(id) && encodeURIComponent(id) === keyId && isSealed(sealed) ? { keyId: id, sealed } : null
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
