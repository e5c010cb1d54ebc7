/** Some 200 bytes each; far more than an isolate's streams. */
const MOST_TICKETS = 10_000

/** What was shown, and where. */
interface PlacedTicket {
  readonly hash: string
  /** The conversation: a ticket that holds for one is as good as made up for another. */
  readonly id: string
}

/** Tickets that this isolate has seen to hold, by their hashes, until they expire: presenting one again is no guess. */
export class HeldTickets {
  readonly #expiries = new Map<string, number>()

  /** `now` is Unix ms. */
  has(ticket: PlacedTicket, now: number): boolean {
    return (this.#expiries.get(nameOf(ticket)) ?? 0) > now
  }

  /** Both times are Unix ms. Beyond the most that are kept, what was added first goes first, as it mostly expires first. */
  add(ticket: PlacedTicket, expiresAt: number, now: number): void {
    this.#expiries.set(nameOf(ticket), expiresAt)
    for (const [name, at] of this.#expiries) {
      if (at > now && this.#expiries.size <= MOST_TICKETS) return
      this.#expiries.delete(name)
    }
  }
}

function nameOf({ hash, id }: PlacedTicket): string {
  return `${hash} ${id}`
}
