import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { item, upToDate } from './streams.ts'

/** A service of one conversation, as far as live reads of it go, over real connections. */
export class LiveServer {
  readonly asked: { readonly url: string; readonly lastEventId: string | undefined }[] = []
  readonly #readers = new Set<ServerResponse>()
  readonly #server = createServer((request, response) => {
    const lastEventId = request.headers['last-event-id']
    this.asked.push({ url: request.url ?? '', lastEventId: Array.isArray(lastEventId) ? lastEventId[0] : lastEventId })
    response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' })
    const after = Number(lastEventId ?? new URL(request.url ?? '', 'http://x').searchParams.get('after') ?? 0)
    const history = Array.from({ length: this.#head - after }, (_, i) => item(after + i + 1)).join('')
    response.write(`retry: 20\n\n${history}${upToDate(String(this.#head))}`)
    this.#readers.add(response)
    response.on('close', () => this.#readers.delete(response))
  })
  #head = 0

  /** Resolves with the address. */
  async start(port = 0): Promise<string> {
    this.#server.listen(port, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${this.port}`
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get head(): number {
    return this.#head
  }

  /** Readers whose connection is open. */
  get readers(): number {
    return this.#readers.size
  }

  record(count = 1): void {
    for (let i = 0; i < count; i++) {
      this.#head += 1
      for (const reader of this.#readers) reader.write(item(this.#head))
    }
  }

  /** Every stream ends, as after its longest time. */
  end(): void {
    for (const reader of this.#leave()) reader.end()
  }

  /** Every connection is lost, in the midst of a message. */
  cut(): void {
    for (const reader of this.#leave()) reader.write(item(this.#head + 1).slice(0, 100), () => reader.destroy())
  }

  #leave(): ServerResponse[] {
    const readers = [...this.#readers]
    this.#readers.clear()
    return readers
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    this.#server.close()
    await once(this.#server, 'close')
  }
}
