import { drain } from '../ingest/drain.ts'
import { DUPLICATE_EVENT_ID } from '../model/history.ts'
import type { AppDeps, RouteContext } from './context.ts'

/** Brings conversations into the history now. Throws when the history cannot take them. Answers with the ids that stood elsewhere already. */
export async function flush(deps: AppDeps, tenant: string, conversationIds: readonly string[]): Promise<readonly string[]> {
  if (conversationIds.length === 0) return []
  const report = await drain(
    conversationIds.map((conversationId) => deps.conversations(tenant, conversationId)),
    deps.history,
  )
  const failure = report.failures.find((one) => one !== null)
  if (failure) throw failure.cause
  return report.set_aside.filter(({ code }) => code === DUPLICATE_EVENT_ID).map(({ event_id }) => event_id)
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
