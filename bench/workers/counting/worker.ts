import { ConversationObject as Store } from '../../../src/conversation/conversation-object.ts'
import type { AppendRequest, Confirmation, Notice, ReadRequest } from '../../../src/conversation/rpc.ts'
import type { Bindings } from '../../../src/env.ts'
import worker, { DevelopmentHistory } from '../../../src/worker.ts'
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
  queue_operations: 0,
  round_trips: 0,
}
let counts: { -readonly [Name in keyof Counts]: number } = { ...ZERO }

export class ConversationObject extends Store {
  constructor(ctx: DurableObjectState, env: Bindings) {
    countRows(ctx.storage)
    super(ctx, { ...env, NOTICES: countingQueue(env.NOTICES) })
  }

  override append(request: AppendRequest) {
    counts.object_requests += 1
    return super.append(request)
  }

  override read(request: ReadRequest) {
    counts.object_requests += 1
    return super.read(request)
  }

  override pending(limitBytes: number, confirmation?: Confirmation) {
    counts.object_requests += 1
    return super.pending(limitBytes, confirmation)
  }

  override alarm(): Promise<void> {
    counts.object_requests += 1
    return super.alarm()
  }
}

export { DevelopmentHistory }

const handlers = {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url)
    if (pathname === '/counts') {
      const taken = counts
      counts = { ...ZERO }
      return Response.json(taken)
    }
    // Polling for the end of delivery is the benchmark's doing.
    if (request.method === 'POST') counts.worker_requests += 1
    return worker.fetch(request, env, ctx)
  },

  async queue(batch, env) {
    counts.consumer_runs += 1
    // A message is read, and deleted or given back.
    counts.queue_operations += 2 * batch.messages.length
    await worker.queue(batch, env)
  },
} satisfies ExportedHandler<Bindings, Notice>

export default handlers

const plainFetch = globalThis.fetch
globalThis.fetch = ((input: RequestInfo | URL, init?: RequestInit) => {
  counts.round_trips += 1
  return plainFetch(input, init)
}) as typeof fetch

function countingQueue(queue: Queue<Notice>): Queue<Notice> {
  return new Proxy(queue, {
    get(target, name) {
      if (name !== 'send') return Reflect.get(target, name)
      return (message: Notice) => {
        counts.queue_operations += 1
        return target.send(message)
      }
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
    counts.rows_written += cursor.rowsWritten
    return cursor as SqlStorageCursor<T>
  }
  const all: DurableObjectStorage = Object.getPrototypeOf(storage)
  const { setAlarm } = all
  all.setAlarm = function (this: DurableObjectStorage, ...parameters: Parameters<typeof setAlarm>) {
    counts.rows_written += 1
    return setAlarm.apply(this, parameters)
  }
}
