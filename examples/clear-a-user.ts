import { HttpEventStore } from 'edge-event-store/client'

/**
 * Clears every conversation in which the user took part, and tells how many events that were. Stop recording for the user first:
 * what another data centre recorded within the last second may not be listed yet. Safe to repeat. The key needs `events:read` and
 * `events:erase`.
 */
export async function clearUser(url: string, apiKey: string, userId: string): Promise<number> {
  const store = new HttpEventStore({ url, apiKey })
  const first = `${url}/v1/conversations?${new URLSearchParams({ user_id: userId, limit: '50' })}`
  let removed = 0
  for (;;) {
    const answer = await fetch(first, { headers: { Authorization: `Bearer ${apiKey}` } })
    if (!answer.ok) throw new Error(`the conversations could not be listed: ${answer.status}`)
    const { items } = (await answer.json()) as { items: readonly { conversation_id: string }[] }
    if (items.length === 0) return removed
    const counts = await Promise.all(items.map(({ conversation_id }) => store.clearConversation(conversation_id)))
    removed += counts.reduce((sum, count) => sum + count, 0)
  }
}
