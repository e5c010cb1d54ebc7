import pg from 'pg'
import { Exchange, type StatementInput, type StatementResult } from './exchange.ts'

const CONNECT_TIMEOUT_MS = 10_000

/** `DISCARD ALL` but for the plans of functions, which hold nothing of a request. */
const CLEAN = `CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; DEALLOCATE ALL; UNLISTEN *; SELECT pg_advisory_unlock_all();
  DISCARD TEMP; DISCARD SEQUENCES`

/** One PostgreSQL connection of the gateway. It is broken as soon as anything leaves it in a state that is not known. */
export class GatewayConnection {
  readonly url: string
  readonly #client: pg.Client
  #broken = false
  #failed = false
  #ended: Promise<void>

  private constructor(url: string, client: pg.Client) {
    this.url = url
    this.#client = client
    this.#ended = new Promise((resolve) => {
      client.on('end', () => {
        this.#broken = true
        resolve()
      })
    })
    client.on('error', () => {
      this.#broken = true
    })
  }

  static async open(url: string): Promise<GatewayConnection> {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true })
    const connection = new GatewayConnection(url, client)
    try {
      await client.connect()
    } catch (error) {
      connection.destroy()
      throw error
    }
    return connection
  }

  get broken(): boolean {
    return this.#broken
  }

  onceEnded(listener: () => void): void {
    this.#client.once('end', listener)
  }

  async run(statements: StatementInput[], maxBytes: number): Promise<StatementResult[] | Error> {
    const outcome = await new Promise<StatementResult[] | Error>((resolve) => {
      this.#client.query(new Exchange(statements, maxBytes, resolve))
    })
    this.#failed ||= outcome instanceof Error
    return outcome
  }

  /** Removes what the last request left behind: transaction, settings, role, prepared statements, locks, temporary tables. */
  async clean(): Promise<void> {
    if (this.#broken) return
    try {
      // After an error the transaction's status is not known yet: it follows the error on the wire.
      if (this.#failed || this.#client.getTransactionStatus() !== 'I') await this.#client.query('ROLLBACK')
      await this.#client.query(CLEAN)
      this.#failed = false
    } catch {
      this.#broken = true
    }
  }

  /** Cancels what is running, over a connection of its own, and gives this one up: the cancel could hit its next statement. */
  async cancel(): Promise<void> {
    this.#broken = true
    const { processID } = this.#client as unknown as { processID: number }
    const canceller = new pg.Client({ connectionString: this.url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS })
    canceller.on('error', () => undefined)
    try {
      await canceller.connect()
      await canceller.query('SELECT pg_cancel_backend($1)', [processID])
    } catch {
      // The server is gone, and the statement with it.
    } finally {
      await canceller.end().catch(() => undefined)
    }
  }

  async end(): Promise<void> {
    this.#broken = true
    await Promise.race([this.#client.end().catch(() => undefined), this.#ended])
  }

  destroy(): void {
    this.#broken = true
    this.#client.connection.stream.destroy()
  }
}
