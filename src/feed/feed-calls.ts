import type { FeedObject } from './feed-object.ts'
import { type Feeds, TOO_MANY_READERS } from './feeds.ts'

/** Reaches the objects by their tenants. A call that fails is not repeated: whoever missed it looks by itself. */
export function feedsOf(namespace: DurableObjectNamespace<FeedObject>): Feeds {
  return {
    async tell(tenant) {
      return await namespace.getByName(tenant).news()
    },

    async listen(tenant) {
      // The address is of no matter: the object takes in readers only.
      const answer = await namespace.getByName(tenant).fetch('https://feed.invalid/', { headers: { Upgrade: 'websocket' } })
      if (answer.status === 429) return TOO_MANY_READERS
      const socket = answer.webSocket
      if (!socket) throw new Error(`the feed's object answered ${answer.status}`)
      return socket
    },
  }
}
