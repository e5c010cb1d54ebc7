/** Requests remembered at most; an assistant works on a few at a time. */
const MAX_REMEMBERED = 10_000

/** Which conversation the assistant requests recorded here belong to. */
export class RequestConversations {
  /** Null: to several, so that no single one answers for it. */
  readonly #conversations = new Map<string, string | null>()

  note(assistantRequestId: string | null, conversationId: string): void {
    if (assistantRequestId === null) return
    const known = this.#conversations.get(assistantRequestId)
    this.#conversations.delete(assistantRequestId)
    this.#conversations.set(assistantRequestId, known === undefined || known === conversationId ? conversationId : null)
    const [oldest] = this.#conversations.keys()
    if (this.#conversations.size > MAX_REMEMBERED && oldest !== undefined) this.#conversations.delete(oldest)
  }

  of(assistantRequestId: string): string | null {
    return this.#conversations.get(assistantRequestId) ?? null
  }

  forget(): void {
    this.#conversations.clear()
  }
}
