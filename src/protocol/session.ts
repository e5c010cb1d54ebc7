import * as z from 'zod'
import { fromBase64Url, toBase64Url } from '../model/base64-url.ts'
import { MAX_ID_LENGTH } from '../model/limits.ts'
import { encoder } from '../model/utf8-bytes.ts'

/** Sent by every write, and by every read that changed it; clients send the last one back. */
export const SESSION_HEADER = 'Event-Store-Session'

/**
 * What a client wrote that may not be in Postgres yet. The names in it are looked up in the client's own tenant only,
 * so a forged session reaches nothing more than an honest one.
 */
export interface Session {
  /** Conversation id to the last seq that the client wrote there. */
  readonly written: ReadonlyMap<string, number>
  /** The last clearing that the client knows of, Unix ms; null for none. It chooses among cached pages and clears nothing. */
  readonly cleared_through: number | null
}

export const EMPTY_SESSION: Session = { written: new Map(), cleared_through: null }

/** Characters of the header's value: proxies take 8 KiB for a line at least, and it shares a request with others. */
const MAX_SESSION_CHARACTERS = 4096

const Wire = z.strictObject({
  v: z.literal(1),
  w: z.array(z.tuple([z.string().min(1).max(MAX_ID_LENGTH), z.int().min(1)])).max(256),
  c: z.int().nullable(),
})

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The header's value, with the newest entries that fit, and the conversations that did not. Null when there is nothing to say. */
export function encodeSession(session: Session): { readonly value: string | null; readonly left_out: readonly string[] } {
  if (session.written.size === 0 && session.cleared_through === null) return { value: null, left_out: [] }
  const entries = [...session.written].slice(-256)
  const all = [...session.written.keys()]
  for (;;) {
    const value = toBase64Url(encoder.encode(JSON.stringify({ v: 1, w: entries, c: session.cleared_through })))
    if (value.length <= MAX_SESSION_CHARACTERS) return { value, left_out: all.slice(0, all.length - entries.length) }
    entries.splice(0, Math.max(entries.length >> 2, 1))
  }
}

/** The session that a client sent back; null when the header holds anything but what `encodeSession` gave. */
export function decodeSession(value: string): Session | null {
  if (value.length > MAX_SESSION_CHARACTERS) return null
  try {
    const wire = Wire.safeParse(JSON.parse(decoder.decode(fromBase64Url(value))))
    return wire.success ? { written: new Map(wire.data.w), cleared_through: wire.data.c } : null
  } catch {
    return null
  }
}
