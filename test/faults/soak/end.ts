import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import pg from 'pg'
import { verifyTenant } from '../../../src/local/verify/verify-tenant.ts'
import { Api } from '../../support/api.ts'
import type { Killable } from '../kill/killable.ts'
import type { Book, Conversation } from './book.ts'

export interface EndResult {
  readonly conversations: number
  readonly events: number
  /** Acknowledged, and not there. */
  readonly lost: number
  /** Further copies of an event. */
  readonly repeated: number
  /** Events that nobody sent, or that are not as they were sent. */
  readonly altered: number
  /** Events whose seq does not follow the one before. */
  readonly gaps: number
  /** Events with another seq than was answered. */
  readonly misplaced: number
  /** What `npm run verify` finds. */
  readonly differences: number
  readonly waiting: number
  readonly quarantined: number
  /** Conversations that their objects have let go of. */
  readonly letGo: number
  /** The first things that are wrong. */
  readonly first: readonly string[]
}

export interface EndOptions {
  readonly book: Book
  readonly killable: Killable
  readonly log: (line: string) => void
}

/** Reads everything through the API, compares it with what was sent and with Postgres, and ends the runtime. */
export async function examineEnd({ book, killable, log }: EndOptions): Promise<EndResult> {
  if (killable.url === null) throw new Error('the runtime is not there')
  const api = new Api(killable.url)
  const counts = { events: 0, lost: 0, repeated: 0, altered: 0, gaps: 0, misplaced: 0 }
  const first: string[] = []
  const begun = [...book.all.values()].filter(({ issued }) => issued > 0)
  log(`reading ${begun.length} conversations`)
  for (const conversation of begun) await examine(api, conversation, counts, first)

  log('comparing them with Postgres')
  const client = new pg.Client(killable.databaseUrl)
  await client.connect()
  const report = (line: string) => {
    if (first.length < 20) first.push(line)
  }
  const { waiting, differences } = await verifyTenant({
    url: api.url,
    client,
    tenant: 'default',
    conversations: begun.map(({ id }) => id),
    report,
  }).finally(() => client.end())
  const { items } = await api.json<{ readonly items: readonly unknown[] }>('/v1/quarantine')
  await killable.killRuntime()
  const letGo = countLetGo(killable.storageDir)
  return { conversations: begun.length, ...counts, waiting, differences, quarantined: items.length, letGo, first }
}

type Counts = { events: number; lost: number; repeated: number; altered: number; gaps: number; misplaced: number }

async function examine(api: Api, conversation: Conversation, counts: Counts, first: string[]): Promise<void> {
  const seen = new Set<number>()
  const items = await api.all(`/v1/conversations/${conversation.id}/events`, 'limit=1000')
  const wrong = (kind: keyof Counts, what: string) => {
    counts[kind] += 1
    if (first.length < 20) first.push(`${conversation.id} ${what}`)
  }
  for (const [place, { seq, text }] of items.entries()) {
    if (seq !== place + 1) wrong('gaps', `has seq ${seq} in place ${place + 1}`)
    const number = conversation.numberOf((JSON.parse(text) as { readonly event_id: string }).event_id)
    if (number === null || text !== conversation.text(number)) wrong('altered', `holds at seq ${seq} what nobody sent`)
    else if (seen.has(number)) wrong('repeated', `holds event ${number} again at seq ${seq}`)
    else seen.add(number)
    if (number !== null && !conversation.isInPlace(number, seq)) wrong('misplaced', `holds event ${number} at seq ${seq}`)
  }
  counts.events += items.length
  for (let number = 0; number < conversation.issued; number++) {
    if (conversation.isAcknowledged(number) && !seen.has(number)) wrong('lost', `lacks event ${number}, which was acknowledged`)
  }
}

/** As the objects' own databases say, which keep through which seq they have let go. */
function countLetGo(storageDir: string): number {
  const files = readdirSync(storageDir, { recursive: true, encoding: 'utf8' })
  return files.filter((name) => name.endsWith('.sqlite') && isLetGo(join(storageDir, name))).length
}

function isLetGo(file: string): boolean {
  const database = new DatabaseSync(file)
  try {
    const [known] = database.prepare("SELECT name FROM sqlite_master WHERE name IN ('segments', 'state')").all().slice(1)
    // Not a conversation's.
    if (!known) return false
    const left = database.prepare('SELECT id FROM segments WHERE body IS NOT NULL').all()
    const { state } = database.prepare('SELECT state FROM state').get() as { readonly state: string }
    return left.length === 0 && (JSON.parse(state) as { readonly trimmed_through: number }).trimmed_through > 0
  } finally {
    database.close()
  }
}
