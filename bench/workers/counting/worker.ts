import { ConversationObject as Store } from '../../../src/conversation/conversation-object.ts'
import {
  type AppendRequest,
  type Confirmation,
  conversationObjectName,
  type HandedOut,
  type Notice,
} from '../../../src/conversation/rpc.ts'
import type { Bindings } from '../../../src/env.ts'
import worker, { DevelopmentHistory, FeedObject } from '../../../src/worker.ts'
import type { Counts } from '../../counts.ts'

/*
 * The store's own Worker and object, with a count of what Cloudflare and Neon charge for. Locally the Worker and its
 * objects share an isolate, so one set of counters sees all of it.
 */

const ZERO: Counts = {
  worker_requests: 0,
  consumer_runs: 0,
  object_requests: 0,
  rows_written: 0,
  rows_read: 0,
  queue_operations: 0,
  log_lines: 0,
  round_trips: 0,
}
let counts: { -readonly [Name in keyof Counts]: number } = { ...ZERO }

/** Of statements since the last look: a cursor knows what it has read and written only in the end. */
let cursors: SqlStorageCursor<Record<string, SqlStorageValue>>[] = []

/** Longer than any retention of a conversation in its object. */
const LATER_MS = 366 * 86_400_000

export class ConversationObject extends Store {
  constructor(ctx: DurableObjectState, env: Bindings) {
    countRows(ctx.storage)
    super(ctx, countingEnv(env))
  }

  override append(request: AppendRequest) {
    counts.object_requests += 1
    return super.append(request)
  }

  override fetch(request: Request) {
    counts.object_requests += 1
    return super.fetch(request)
  }

  override pending(limitBytes: number, confirmation?: Confirmation, handed?: HandedOut) {
    counts.object_requests += 1
    return super.pending(limitBytes, confirmation, handed)
  }

  override alarm(): Promise<void> {
    counts.object_requests += 1
    return super.alarm()
  }

  storedBytes(): number {
    return this.ctx.storage.sql.databaseSize
  }

  /** The alarm that rings when the retention is over, now. */
  trim(): Promise<void> {
    const { now } = Date
    Date.now = () => now() + LATER_MS
    try {
      // What reads the clock runs before anything is waited for.
      return this.alarm()
    } finally {
      Date.now = now
    }
  }
}

export { DevelopmentHistory, FeedObject }

const handlers = {
  async fetch(request, env, ctx) {
    const { pathname, searchParams } = new URL(request.url)
    if (pathname === '/counts') return Response.json(takeCounts())
    const conversation = searchParams.get('conversation')
    if (conversation !== null) {
      const object = (env.CONVERSATIONS as DurableObjectNamespace<ConversationObject>).getByName(
        conversationObjectName('default', conversation),
      )
      if (pathname === '/stored-bytes') return Response.json(await object.storedBytes())
      if (pathname === '/trim') return Response.json(await object.trim().then(() => null))
    }
    // Polling for the end of delivery is the benchmark's doing.
    if (request.method === 'POST') counts.worker_requests += 1
    return worker.fetch(request, countingEnv(env), ctx)
  },

  async queue(batch, env) {
    counts.consumer_runs += 1
    // A message is read, and deleted or given back.
    counts.queue_operations += 2 * batch.messages.length
    await worker.queue(batch, countingEnv(env))
  },
} satisfies ExportedHandler<Bindings, Notice>

export default handlers

function takeCounts(): Counts {
  for (const { rowsWritten, rowsRead } of cursors) {
    counts.rows_written += rowsWritten
    counts.rows_read += rowsRead
  }
  cursors = []
  const taken = counts
  counts = { ...ZERO }
  return taken
}

const plainFetch = globalThis.fetch
globalThis.fetch = ((input: RequestInfo | URL, init?: RequestInit) => {
  counts.round_trips += 1
  return plainFetch(input, init)
}) as typeof fetch

for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const) {
  const plain = console[level]
  console[level] = (...parameters: unknown[]) => {
    counts.log_lines += 1
    plain.apply(console, parameters)
  }
}

/** The Worker knows its bindings again by their identity. */
const countingEnvs = new WeakMap<Bindings, Bindings>()

function countingEnv(env: Bindings): Bindings {
  const known = countingEnvs.get(env)
  if (known) return known
  const counting = { ...env, NOTICES: countingQueue(env.NOTICES) }
  countingEnvs.set(env, counting)
  return counting
}

function countingQueue(queue: Queue<Notice>): Queue<Notice> {
  return new Proxy(queue, {
    get(target, name) {
      if (name === 'send') {
        return (...parameters: Parameters<typeof target.send>) => {
          counts.queue_operations += 1
          return target.send(...parameters)
        }
      }
      if (name === 'sendBatch') {
        return (messages: readonly MessageSendRequest<Notice>[]) => {
          counts.queue_operations += messages.length
          return target.sendBatch(messages)
        }
      }
      return Reflect.get(target, name)
    },
  })
}

let rowsAreCounted = false

/** Through the prototypes, which all objects of the isolate share. An alarm that is set counts as a row. */
function countRows(storage: DurableObjectStorage): void {
  if (rowsAreCounted) return
  rowsAreCounted = true
  const sql: SqlStorage = Object.getPrototypeOf(storage.sql)
  const { exec } = sql
  sql.exec = function <T extends Record<string, SqlStorageValue>>(this: SqlStorage, query: string, ...bindings: unknown[]) {
    const cursor = exec.call(this, query, ...bindings)
    cursors.push(cursor)
    return cursor as SqlStorageCursor<T>
  }
  const all: DurableObjectStorage = Object.getPrototypeOf(storage)
  const { setAlarm } = all
  all.setAlarm = function (this: DurableObjectStorage, ...parameters: Parameters<typeof setAlarm>) {
    counts.rows_written += 1
    return setAlarm.apply(this, parameters)
  }
}
