/** Conversations remembered at most, a few hundred bytes each. */
const MAX_REMEMBERED = 10_000

/**
 * The conversations that this isolate wrote to lately, and the clearings it made.
 *
 * A clearing must reach conversations that no notice has brought into the history yet, and nothing lists those. What
 * other isolates wrote within the last second or so is cleared when its notice arrives: until then such a conversation
 * can still be read from its object. That race is accepted, for closing it would cost every write a second call.
 */
export class RecentWrites {
  readonly #written = new Map<string, { readonly tenant: string; readonly conversationId: string }>()
  readonly #cleared = new Map<string, number>()

  wrote(tenant: string, conversationId: string): void {
    const key = JSON.stringify([tenant, conversationId])
    this.#written.delete(key)
    this.#written.set(key, { tenant, conversationId })
    if (this.#written.size <= MAX_REMEMBERED) return
    const [oldest] = this.#written.keys()
    if (oldest !== undefined) this.#written.delete(oldest)
  }

  conversationsOf(tenant: string): string[] {
    return [...this.#written.values()].filter((entry) => entry.tenant === tenant).map((entry) => entry.conversationId)
  }

  cleared(tenant: string, marker: number): void {
    this.#noteClearing(tenant, marker)
    for (const [key, entry] of this.#written) if (entry.tenant === tenant) this.#written.delete(key)
  }

  clearedConversation(tenant: string, conversationId: string, marker: number): void {
    this.#noteClearing(tenant, marker)
    this.#written.delete(JSON.stringify([tenant, conversationId]))
  }

  clearedThrough(tenant: string): number | null {
    return this.#cleared.get(tenant) ?? null
  }

  #noteClearing(tenant: string, marker: number): void {
    this.#cleared.set(tenant, Math.max(marker, this.#cleared.get(tenant) ?? 0))
  }
}
