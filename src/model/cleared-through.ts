import type { AppendOutcome, PendingEvents } from './history.ts'

/** The later one of the clearings of a batch's tenant and of its conversation, Unix ms; null for none. */
export function clearedThrough(
  { tenant, conversation_id }: Pick<PendingEvents, 'tenant' | 'conversation_id'>,
  { cleared, cleared_conversations }: AppendOutcome,
): number | null {
  const own = cleared_conversations.filter((one) => one.tenant === tenant && one.conversation_id === conversation_id)
  const markers = [cleared.get(tenant), ...own.map(({ through }) => through)].filter((marker) => marker !== undefined)
  return markers.length === 0 ? null : Math.max(...markers)
}
