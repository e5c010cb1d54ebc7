import type pg from 'pg'
import { eachItem } from '../../client/paged-read.ts'
import { Service } from '../../client/service.ts'
import { requireComparable } from './comparable.ts'
import { comparePart, type Difference, type LogEvent, type Progress } from './compare.ts'
import { repeatedIds, storedConversations, storedRows } from './postgres-rows.ts'

export interface VerifyOptions {
  /** The running service. */
  readonly url: string
  readonly apiKey?: string | undefined
  readonly client: pg.Client
  /** Whose credential `apiKey` is. */
  readonly tenant: string
  /** Conversations to look at beside those that Postgres knows: what it never heard of, nothing lists. */
  readonly conversations?: readonly string[] | undefined
  readonly report: (line: string) => void
}

export interface Verified {
  readonly conversations: number
  readonly events: number
  /** Not in Postgres yet, and not confirmed to be. */
  readonly waiting: number
  readonly differences: number
}

/** Events of a log compared at a time. */
const PART = 1_000

const OPERATION = 'verify'

/**
 * Reads every log of a tenant from its object and from Postgres, and reports where they differ. Changes nothing. Throws when the
 * two cannot be compared.
 */
export async function verifyTenant(options: VerifyOptions): Promise<Verified> {
  const { client, tenant, report } = options
  const service = new Service({ url: options.url, apiKey: options.apiKey })
  await requireComparable(service, options)
  const total = { conversations: 0, events: 0, waiting: 0, differences: 0 }
  const verify = async (conversationId: string) => {
    const { events, waiting, differences } = await verifyConversation(service, options, conversationId)
    total.conversations += 1
    total.events += events
    total.waiting += waiting
    total.differences += differences.length
    for (const { kind, seq, detail } of differences) report(`${kind}: ${JSON.stringify(conversationId)} seq ${seq} ${detail}`)
  }
  const named = new Set(options.conversations)
  for await (const conversationId of storedConversations(client, tenant)) {
    named.delete(conversationId)
    await verify(conversationId)
  }
  for (const conversationId of named) await verify(conversationId)
  for (const id of await repeatedIds(client, tenant)) {
    total.differences += 1
    report(`repeated: event ${JSON.stringify(id)} stands more than once in the feed`)
  }
  return total
}

async function verifyConversation(service: Service, { client, tenant }: VerifyOptions, conversationId: string) {
  const path = `/v1/conversations/${encodeURIComponent(conversationId)}`
  // Before the log is read: what is confirmed meanwhile is no difference.
  const persistedSeq = await persistedSeqOf(service, path, conversationId)
  const progress: Progress = { seq: null, position: 0n }
  const differences: Difference[] = []
  let events = 0
  let waiting = 0
  let after = 0
  const compare = async (part: readonly LogEvent[], through: number | null) => {
    const compared = comparePart(part, await storedRows(client, tenant, conversationId, after, through), persistedSeq, progress)
    differences.push(...compared.differences)
    events += part.length
    waiting += compared.waiting
    after = through ?? after
  }
  const read = {
    operation: OPERATION,
    path: `${path}/events`,
    call: (request: Parameters<Service['callHistory']>[0]) => service.callConversation(request, conversationId),
  }
  let part: LogEvent[] = []
  for await (const { seq, text } of eachItem(read, undefined)) {
    part.push({ seq, text })
    if (part.length < PART) continue
    await compare(part, seq)
    part = []
  }
  const last = part.at(-1)
  if (last) await compare(part, last.seq)
  // What was recorded after the log had been read is no difference; it is beyond what the log knows of now.
  const head = await headOf(service, path, conversationId)
  const beyond = (await storedRows(client, tenant, conversationId, after, null)).filter(
    ({ seq }) => seq > head || seq <= persistedSeq,
  )
  differences.push(...comparePart([], beyond, persistedSeq, progress).differences)
  return { events, waiting, differences }
}

async function persistedSeqOf(service: Service, path: string, conversationId: string): Promise<number> {
  return (await counters(service, path, conversationId))?.persisted_seq ?? 0
}

async function headOf(service: Service, path: string, conversationId: string): Promise<number> {
  return (await counters(service, path, conversationId))?.head_seq ?? 0
}

async function counters(
  service: Service,
  path: string,
  conversationId: string,
): Promise<{ readonly head_seq: number; readonly persisted_seq: number } | null> {
  const request = { operation: OPERATION, method: 'GET', path, expected: [404] } as const
  const { status, text } = await service.callConversation(request, conversationId)
  return status === 404 ? null : JSON.parse(text)
}
