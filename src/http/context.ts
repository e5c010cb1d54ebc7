import type { z } from 'zod'
import type { Notice } from '../conversation/rpc.ts'
import type { Configuration } from '../env.ts'
import type { DrainDeps } from '../ingest/drain.ts'
import type { Log } from '../model/log.ts'
import type { Operation } from '../protocol/operations.ts'
import type { Session } from '../protocol/session.ts'
import type { Conversations } from './conversations.ts'
import type { RecentWrites } from './recent-writes.ts'

/** What the routes work with, the same for every request of a Worker. */
export interface AppDeps extends DrainDeps {
  readonly configuration: Configuration
  readonly conversations: Conversations
  readonly recent: RecentWrites
  /** Sends notices through the queue. */
  readonly notify: (notices: readonly Notice[]) => Promise<void>
  readonly log: Log
  readonly now: () => number
  readonly wait: (ms: number) => Promise<void>
}

/** One request, validated. */
export interface RouteContext<O extends Operation = Operation> {
  readonly deps: AppDeps
  readonly request: Request
  readonly tenant: string
  readonly params: z.output<O['params']>
  readonly query: z.output<O['query']>
  /** What the client said it wrote, and what it has to say next time. */
  session: Session
  /** Lets work go on after the answer. */
  readonly waitUntil: (work: Promise<unknown>) => void
}

export type Route<O extends Operation> = (context: RouteContext<O>) => Promise<Response>
