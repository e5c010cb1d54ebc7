import { drain } from '../ingest/drain.ts'
import type { AppDeps, RouteContext } from './context.ts'

/** Brings conversations into the history now. Throws when the history cannot take them. Answers with the ids set aside. */
export async function flush(deps: AppDeps, tenant: string, conversationIds: readonly string[]): Promise<readonly string[]> {
  if (conversationIds.length === 0) return []
  const report = await drain(
    conversationIds.map((conversationId) => deps.conversations(tenant, conversationId)),
    deps.history,
  )
  const failure = report.failures.find((one) => one !== null)
  if (failure) throw failure.cause
  return report.set_aside.map((event) => event.event_id)
}

/**
 * Before a read of the history: what the client wrote is brought there first. Afterwards its session has nothing left
 * to say about these conversations.
 */
export async function flushSession(context: RouteContext): Promise<void> {
  if (context.session.written.size === 0) return
  await flush(context.deps, context.tenant, [...context.session.written.keys()])
  context.session = { ...context.session, written: new Map() }
}
