import { createHash } from 'node:crypto'
import { basename, dirname, resolve } from 'node:path'

export interface ArchivedEvent {
  readonly seq: number
  /** Verbatim JSON text. */
  readonly text: string
}

/** Why a file cannot be restored, said in words for whoever gave it. */
export class ArchiveFileError extends Error {
  override readonly name = 'ArchiveFileError'
}

const NAME = /^\d{8}T\d{9}Z-(\d{16})-(\d{16})\.ndjson$/
const ITEM = /^\{"seq":(\d+),"cursor":"\d+","recorded_at":"[^"]+","event":(?=\{)/

/**
 * The events of an archived object, in the order of seq. Throws `ArchiveFileError` where the file is not what was archived: its bytes
 * have another SHA-256 (hex), a line is no item, the seqs do not rise, or they are not those of its name.
 */
export function readArchiveFile(path: string, bytes: Uint8Array, sha256: string | null): ArchivedEvent[] {
  const fail = (why: string): never => {
    throw new ArchiveFileError(`${path}: ${why}`)
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (sha256 !== null && sha256.toLowerCase() !== digest) fail(`its SHA-256 is ${digest}, not ${sha256}: fetch it again`)
  const text = new TextDecoder().decode(bytes)
  if (!text.endsWith('\n')) fail('it does not end with a whole line: fetch it again')
  const events = text
    .slice(0, -1)
    .split('\n')
    .map((line, place) => readItem(line) ?? fail(`line ${place + 1} is not an archived event`))
  events.forEach(({ seq }, place) => {
    if (place > 0 && seq <= (events[place - 1]?.seq ?? 0)) fail(`line ${place + 1} is not behind the one before it`)
  })
  const [, first, last] = NAME.exec(basename(path)) ?? []
  const isWhole = events[0]?.seq === Number(first) && events.at(-1)?.seq === Number(last)
  if (first !== undefined && !isWhole) fail('it does not begin and end with the seqs of its name: fetch it again')
  return events
}

/** The folder that stands for the tenant where the file lies as it did in the archive; null where it does not. */
export function tenantFolder(path: string): string | null {
  return NAME.test(basename(path)) ? basename(dirname(dirname(resolve(path)))) : null
}

/** Takes an item apart without writing its event anew: `JSON.parse` would round the event's large numbers. */
function readItem(line: string): ArchivedEvent | null {
  const [head = '', seq = ''] = ITEM.exec(line) ?? []
  if (head === '' || !line.endsWith('}')) return null
  try {
    JSON.parse(line)
  } catch {
    return null
  }
  return { seq: Number(seq), text: line.slice(head.length, -1) }
}
