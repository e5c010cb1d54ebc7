import { useEffect, useMemo, useSyncExternalStore } from 'react'
import { useClient } from './client.tsx'
import type { ConversationSnapshot } from './conversation-log.ts'

export interface ConversationEvents extends ConversationSnapshot {
  /** After a failure, or to look for what was recorded meanwhile. */
  readonly retry: () => void
}

/** What a view of the conversation has as its key: derived from the events, it begins anew when they do. */
export function useConversationEpoch(id: string): number {
  const { logs } = useClient()
  const log = useMemo(() => logs.of(id), [logs, id])
  return useSyncExternalStore(log.subscribe, () => log.getSnapshot().epoch)
}

/**
 * A conversation's events, loaded page by page; with `live` also those recorded from now on. Views of one conversation
 * share what is loaded. Renders a few times a second at most.
 */
export function useConversationEvents(id: string, { live = false } = {}): ConversationEvents {
  const { logs } = useClient()
  const log = useMemo(() => logs.of(id), [logs, id])
  const snapshot = useSyncExternalStore(log.subscribe, log.getSnapshot)
  useEffect(() => log.setLive(live), [log, live])
  return { ...snapshot, retry: log.retry }
}
