/**
 * Live feeds of one tenant at a time. Each asks Postgres for pages, and the platform's own limit of some 30,000 sockets is far beyond
 * what that serves.
 */
export const MAX_FEED_READERS = 500

/**
 * Who has heard that a tenant has no readers tells it no news for so long: most tenants have none most of the time. A reader that
 * comes meanwhile has to look by itself after that.
 */
export const UNHEARD_MS = 2_000

/** What `Feeds.listen` answers in place of a socket when the tenant has as many readers as it may. */
export const TOO_MANY_READERS = 'too-many-readers'

/** Of the platform, which other runtimes have without `accept`. */
type AcceptableSocket = WebSocket & { accept(): void }

/** The objects that tell live feeds of news, one a tenant. */
export interface Feeds {
  /** Gives the number of readers that hear of it. Throws when the object cannot be reached. */
  tell(tenant: string): Promise<number>
  /**
   * A socket, not accepted yet, on which a message says that there is news, as the number of the tenant's readers. Throws when the object
   * cannot be reached.
   */
  listen(tenant: string): Promise<AcceptableSocket | typeof TOO_MANY_READERS>
}
