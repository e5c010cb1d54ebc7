/** Who asked for a ticket: as long as that credential holds, the ticket may. */
export type TicketMaker =
  | { readonly kind: 'key'; readonly key_id: string }
  | { readonly kind: 'token'; readonly subject: string | null }
  /** The open service of development. */
  | { readonly kind: 'open' }

/** A ticket as it is kept, under the hash of its text. */
export interface StoredTicket {
  readonly maker: TicketMaker
  /** Unix ms. */
  readonly expires_at: number
}
