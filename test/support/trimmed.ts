import type { TestService } from './service.ts'
import { waitFor } from './wait-for.ts'

interface Cloudflare {
  CONVERSATIONS: { getByName(name: string): { read(request: object): Promise<unknown> } }
}

/** Waits until the object has let go of a conversation that Postgres has: from then on its events come from there. */
export async function trimmed({ runtime }: TestService, conversation: string): Promise<void> {
  await waitFor(`${conversation} is trimmed`, 40, async () => {
    const namespace = await runtime.getBindings<Cloudflare>()
    const answer = (await namespace.CONVERSATIONS.getByName(JSON.stringify(['default', conversation])).read({
      after: 0,
      limit: 1,
      format: 'json',
      max_bytes: 1,
      part: false,
    })) as { outcome: string }
    return answer.outcome === 'cold'
  })
}
