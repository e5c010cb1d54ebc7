import { drain } from '../ingest/drain.ts'
import { logSetAside } from '../ingest/log-set-aside.ts'
import type { AppDeps, RouteContext } from './context.ts'

/**
 * Brings conversations into the history now, each as far as the given seq: others may go on writing meanwhile. Throws
 * when one cannot be reached or the history cannot take it.
 */
export async function flush(deps: AppDeps, tenant: string, through: ReadonlyMap<string, number>): Promise<void> {
  if (through.size === 0) return
  const targets = [...through].map(([conversationId, through_seq]) => ({
    outbox: deps.conversations(tenant, conversationId),
    through_seq,
  }))
  const report = await drain(targets, deps)
  logSetAside(report.set_aside, deps.log)
  const failure = report.failures.find((one) => one !== null)
  if (failure) throw failure.cause
}

/**
 * Before a read of the history: what the client wrote is brought there first. Afterwards its session has nothing left
 * to say about these conversations.
 */
export async function flushSession(context: RouteContext): Promise<void> {
  if (context.session.written.size === 0) return
  await flush(context.deps, context.tenant, context.session.written)
  context.session = { ...context.session, written: new Map() }
}
