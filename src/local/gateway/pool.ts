import { GatewayConnection } from './connection.ts'

const IDLE_LIFETIME_MS = 60_000

interface Waiter {
  url: string
  resolve: (connection: GatewayConnection) => void
  reject: (error: Error) => void
}

/** Connections by connection string, at most `maxConnections` in all: an idle one of another role makes room. */
export class ConnectionPool {
  readonly #maxConnections: number
  readonly #idle: { connection: GatewayConnection; since: number }[] = []
  readonly #open = new Set<GatewayConnection>()
  readonly #waiters: Waiter[] = []
  readonly #sweeper: NodeJS.Timeout
  #count = 0
  #closed = false

  constructor(maxConnections: number) {
    this.#maxConnections = maxConnections
    this.#sweeper = setInterval(() => this.#sweep(Date.now() - IDLE_LIFETIME_MS), IDLE_LIFETIME_MS / 2).unref()
  }

  acquire(url: string): Promise<GatewayConnection> {
    if (this.#closed) return Promise.reject(new Error('the gateway is closed'))
    const at = this.#idle.findLastIndex(({ connection }) => connection.url === url && !connection.broken)
    const [reused] = at < 0 ? [] : this.#idle.splice(at, 1)
    if (reused) return Promise.resolve(reused.connection)
    if (this.#count >= this.#maxConnections) this.#discard(this.#idle.shift()?.connection)
    if (this.#count < this.#maxConnections) return this.#connect(url)
    return new Promise((resolve, reject) => this.#waiters.push({ url, resolve, reject }))
  }

  /** Takes a connection back, clean or not at all. */
  async release(connection: GatewayConnection): Promise<void> {
    await connection.clean()
    if (connection.broken || this.#closed) {
      this.#discard(connection)
      return this.#serveWaiter()
    }
    const waiter = this.#waiters[0]
    if (waiter === undefined) {
      this.#idle.push({ connection, since: Date.now() })
    } else if (waiter.url === connection.url) {
      this.#waiters.shift()
      waiter.resolve(connection)
    } else {
      this.#discard(connection)
      this.#serveWaiter()
    }
  }

  async close(): Promise<void> {
    this.#closed = true
    clearInterval(this.#sweeper)
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new Error('the gateway is closed'))
    this.#idle.length = 0
    await Promise.all([...this.#open].map((connection) => connection.end()))
  }

  async #connect(url: string): Promise<GatewayConnection> {
    this.#count += 1
    try {
      const connection = await GatewayConnection.open(url)
      this.#open.add(connection)
      connection.onceEnded(() => this.#forgetIdle(connection))
      return connection
    } catch (error) {
      this.#count -= 1
      this.#serveWaiter()
      throw error
    }
  }

  #serveWaiter(): void {
    const waiter = this.#waiters.shift()
    if (waiter) this.acquire(waiter.url).then(waiter.resolve, waiter.reject)
  }

  #forgetIdle(connection: GatewayConnection): void {
    const at = this.#idle.findIndex((entry) => entry.connection === connection)
    if (at < 0) return
    this.#idle.splice(at, 1)
    this.#discard(connection)
  }

  #discard(connection: GatewayConnection | undefined): void {
    if (connection === undefined || !this.#open.delete(connection)) return
    this.#count -= 1
    if (connection.broken) connection.destroy()
    else void connection.end()
  }

  #sweep(before: number): void {
    while (this.#idle[0] !== undefined && this.#idle[0].since < before) this.#discard(this.#idle.shift()?.connection)
  }
}
