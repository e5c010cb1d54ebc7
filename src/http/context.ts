import type * as z from 'zod'
import type { Notice } from '../conversation/rpc.ts'
import type { Configuration } from '../env.ts'
import type { Feeds } from '../feed/feeds.ts'
import type { DrainDeps } from '../ingest/drain.ts'
import type { KeyDirectory } from '../model/api-keys.ts'
import type { AuditLog } from '../model/audit.ts'
import type { Log } from '../model/log.ts'
import type { Failure } from '../protocol/failure.ts'
import type { Operation } from '../protocol/operations/operation.ts'
import type { Session } from '../protocol/session.ts'
import type { Access } from '../security/access.ts'
import type { AskedReads } from '../security/audit/asked-reads.ts'
import type { RecordEntry } from '../security/audit/record-entry.ts'
import type { Principal } from '../security/principal.ts'
import type { Conversations } from './conversations.ts'
import type { RateLimits } from './rate-limit.ts'
import type { RecentWrites } from './recent-writes.ts'

/** What the routes work with, the same for every request of a Worker. */
export interface AppDeps extends DrainDeps {
  readonly configuration: Configuration
  readonly conversations: Conversations
  readonly feeds: Feeds
  readonly recent: RecentWrites
  /** Sends notices through the queue. */
  readonly notify: (notices: readonly Notice[], delaySeconds?: number) => Promise<void>
  /** Who may come in. */
  readonly access: Access
  readonly keys: KeyDirectory
  readonly limits: RateLimits
  readonly audit: AuditDeps
  readonly log: Log
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

export interface AuditDeps {
  readonly log: AuditLog
  readonly record: RecordEntry
  readonly reads: AskedReads
}

/** What a route tells of its request, for the audit log. Never event data. */
export interface AuditNotes {
  /** Events or other things that it answered with, changed or removed. */
  count: number | null
  /** Ids that the request did not name itself, such as that of a new key, by what they are ids of. */
  resource: Readonly<Record<string, string>>
}

/** One request, validated. */
export interface RouteContext<O extends Operation = Operation> {
  readonly deps: AppDeps
  readonly request: Request
  /** Whom the request comes from. */
  readonly principal: Principal
  /** The principal's. */
  readonly tenant: string
  readonly params: z.output<O['params']>
  readonly query: z.output<O['query']>
  /** What the client said it wrote, and what it has to say next time. */
  session: Session
  readonly audit: AuditNotes
  /** Names the request in the logs. */
  readonly requestId: string
  /** Looks whether its credential still holds, for an answer that takes long: what to fail with, or null. Never asks more than the request did. */
  readonly recheck: () => Promise<Failure | null>
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

export type Route<O extends Operation> = (context: RouteContext<O>) => Promise<Response>
