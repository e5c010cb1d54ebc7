import { describeError } from '../../model/describe-error.ts'
import type { Failure } from '../../protocol/failure.ts'
import { RequestFailure } from '../../protocol/failure.ts'
import { problemOf } from '../../protocol/problem.ts'
import type { RouteContext } from '../context.ts'
import { failureOf } from '../problem-response.ts'
import { type EventStream, eventStream, type StreamClock } from './event-stream.ts'

const EVENT_STREAM = 'text/event-stream'

const HEADERS = {
  'Content-Type': `${EVENT_STREAM}; charset=utf-8`,
  // What a proxy compresses or collects comes late.
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  Vary: 'Authorization',
}

const clock: StreamClock = {
  after(ms, run) {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

/** Answers with a stream of server-sent events, which `produce` writes. Whoever asks for the head alone gets it, and opens nothing. */
export function answerLive(context: RouteContext, produce: (stream: EventStream) => Promise<void>): Response {
  const { request, recheck } = context
  if (request.method === 'HEAD') return new Response(null, { headers: HEADERS })
  const options = {
    clock,
    signal: request.signal,
    recheck: async () => {
      const failure = await recheck()
      return failure && new RequestFailure(failure)
    },
    describe: (thrown: unknown) => describe(context, thrown),
  }
  return new Response(eventStream(options, produce), { headers: HEADERS })
}

function describe({ deps, requestId }: RouteContext, thrown: unknown): object {
  const failure: Failure = failureOf(thrown)
  if (failure.kind !== 'unauthenticated')
    deps.log(failure.kind === 'internal' ? 'error' : 'warn', 'a live stream failed', {
      request_id: requestId,
      kind: failure.kind,
      error: describeError(thrown),
    })
  return { ...problemOf(failure), request_id: requestId }
}
