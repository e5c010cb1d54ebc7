import type { HistoryItem } from '../model/history.ts'
import { sha256Hex } from '../model/sha256-hex.ts'

/** Bytes of a folder's name; file systems take 255. */
const LONGEST_NAME = 200

/** What is left of the name of a longer one, before its hash. */
const KEPT_OF_NAME = 120

/** Decimal digits of the largest seq. */
const SEQ_DIGITS = 16

/**
 * Where a page of a conversation is archived: `<tenant>/<conversation>/<time>-<first seq>-<last seq>.ndjson`. Names sort in the order of
 * recording. The time of the first event tells apart what has the same seqs: a conversation that was cleared as a whole begins at 1 again.
 */
export async function archiveKey(tenant: string, conversationId: string, items: readonly HistoryItem[]): Promise<string> {
  const [first, last] = [items[0], items.at(-1)]
  if (!first || !last) throw new Error('an empty page is not archived')
  const time = first.recorded_at.replace(/[-:.]/g, '')
  const names = await Promise.all([tenant, conversationId].map(nameOf))
  return `${names.join('/')}/${time}-${digits(first.seq)}-${digits(last.seq)}.ndjson`
}

/** An id as a part of a key that is also a folder's name: encoded, a long one cut and followed by its hash. */
export async function nameOf(id: string): Promise<string> {
  const encoded = encode(id)
  if (encoded.length <= LONGEST_NAME) return encoded
  const cut = encoded.slice(0, KEPT_OF_NAME).replace(/=.?$/, '')
  // No encoded id has this sign.
  return `${cut}~${await sha256Hex(id)}`
}

/**
 * Percent-encoded UTF-8 with `=` for `%`, which tools that put a key into a URL would have decoded there. Encodes also what
 * encodeURIComponent leaves, and shells and file systems take for something else.
 */
export function encode(id: string): string {
  return encodeURIComponent(id)
    .replace(/[!'()*~]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%', '=')
}

function digits(seq: number): string {
  return String(seq).padStart(SEQ_DIGITS, '0')
}
