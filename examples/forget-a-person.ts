import { type AgentEvent, type Anonymiser, anonymiser, eventEncryption, HttpEventStore } from 'edge-event-store/client'

/** The keys of an application's users. Here they are in memory; keep yours where they can be destroyed, backups included. */
export class UserKeys {
  readonly #keys = new Map<string, Uint8Array>()

  create(userId: string): void {
    this.#keys.set(userId, crypto.getRandomValues(new Uint8Array(32)))
  }

  of(userId: string): Uint8Array | undefined {
    return this.#keys.get(userId)
  }

  destroy(userId: string): void {
    this.#keys.delete(userId)
  }
}

/** A store to which nothing readable goes of what people say. An event without a user has a key, too. */
export function connectEncrypted(url: string, keys: UserKeys): HttpEventStore {
  const encryption = eventEncryption({
    keyIdOf: ({ user_id }) => user_id || 'nobody',
    keyOf: (keyId) => keys.of(keyId),
  })
  return new HttpEventStore({ url, encryption })
}

/** Makes what was said in the events of a user unreadable, wherever it is stored. */
export function forget(keys: UserKeys, userId: string): void {
  keys.destroy(userId)
}

/** Copies for an analysis: the same graph, counts and durations, and nothing of what was said. */
export async function copyForAnalysis(events: Iterable<AgentEvent>, secret: string): Promise<string[]> {
  const copy: Anonymiser = anonymiser(secret)
  return Promise.all(Array.from(events, copy))
}
