/** A tenant's change of mind holds everywhere after this. */
const ASKED_READS_SECONDS = 60

/** Until the backend is asked again that did not answer. */
const RETRY_MS = 5_000

/** Tenants that one isolate remembers, a hundred bytes each. */
const MAX_TENANTS = 10_000

interface Known {
  readonly asked: boolean
  /** Unix ms. */
  readonly until: number
}

/** Which tenants ask that their reads are recorded, as far as this isolate has lately been told. */
export class AskedReads {
  readonly #known = new Map<string, Known>()
  readonly #lookUp: (tenant: string) => Promise<boolean>
  readonly #now: () => number

  constructor(lookUp: (tenant: string) => Promise<boolean>, now: () => number) {
    this.#lookUp = lookUp
    this.#now = now
  }

  /** Undefined where it has to be looked up. */
  known(tenant: string): boolean | undefined {
    const known = this.#known.get(tenant)
    return known && known.until > this.#now() ? known.asked : undefined
  }

  /** While the backend is away what was known last goes on to hold; of whom nothing is known is recorded: rather an entry too many. */
  async asked(tenant: string): Promise<boolean> {
    const known = this.known(tenant)
    if (known !== undefined) return known
    try {
      return this.#remember(tenant, await this.#lookUp(tenant), ASKED_READS_SECONDS * 1_000)
    } catch {
      return this.#remember(tenant, this.#known.get(tenant)?.asked ?? true, RETRY_MS)
    }
  }

  #remember(tenant: string, asked: boolean, ms: number): boolean {
    if (this.#known.size >= MAX_TENANTS) this.#known.clear()
    this.#known.set(tenant, { asked, until: this.#now() + ms })
    return asked
  }
}
