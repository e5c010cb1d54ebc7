/** Requests remembered at most; an assistant works on a few at a time. */
const MAX_REMEMBERED = 10_000

/** Bits that tell which requests were forgotten: 128 KiB, with which of 100,000 forgotten ones nine in ten new ones are known to be new. */
const FORGOTTEN_BITS = 2 ** 20

/** Which conversation the assistant requests recorded here belong to. */
export class RequestConversations {
  /** Null: to several, so that no single one answers for it. */
  readonly #conversations = new Map<string, string | null>()
  /** By hash. A request that may have been forgotten may belong to a conversation that nobody remembers. */
  #forgotten: Uint8Array | null = null

  note(assistantRequestId: string | null, conversationId: string): void {
    if (assistantRequestId === null) return
    const known = this.#conversations.get(assistantRequestId)
    const isOne = known === undefined ? !this.#mayBeForgotten(assistantRequestId) : known === conversationId
    this.#conversations.delete(assistantRequestId)
    this.#conversations.set(assistantRequestId, isOne ? conversationId : null)
    const [oldest] = this.#conversations.keys()
    if (this.#conversations.size > MAX_REMEMBERED && oldest !== undefined) this.#forgetOne(oldest)
  }

  of(assistantRequestId: string): string | null {
    return this.#conversations.get(assistantRequestId) ?? null
  }

  forget(): void {
    this.#conversations.clear()
    this.#forgotten = null
  }

  #forgetOne(assistantRequestId: string): void {
    this.#conversations.delete(assistantRequestId)
    this.#forgotten ??= new Uint8Array(FORGOTTEN_BITS / 8)
    const bit = bitOf(assistantRequestId)
    this.#forgotten[bit >> 3] = (this.#forgotten[bit >> 3] ?? 0) | (1 << (bit & 7))
  }

  #mayBeForgotten(assistantRequestId: string): boolean {
    const bit = bitOf(assistantRequestId)
    return ((this.#forgotten?.[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0
  }
}

/** FNV-1a of the UTF-16 code units, folded. */
function bitOf(text: string): number {
  let hash = 0x811c9dc5
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return ((hash >>> 12) ^ hash) & (FORGOTTEN_BITS - 1)
}
