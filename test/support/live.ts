import { once } from 'node:events'
import { type ClientRequest, get, type IncomingMessage } from 'node:http'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface LiveMessage {
  readonly event: string
  readonly id: string | null
  readonly data: string
}

/** Cuts a text of server-sent events into its messages; what is no whole message yet stays. */
export class LiveParser {
  readonly messages: LiveMessage[] = []
  #rest = ''

  take(text: string): void {
    const parts = (this.#rest + text).split('\n\n')
    this.#rest = parts.pop() ?? ''
    for (const part of parts) {
      const lines = part.split('\n').map((line): [string, string] => {
        const at = line.indexOf(':')
        return [line.slice(0, at), line.slice(at + 2)]
      })
      const textOf = (name: string) => lines.find(([key]) => key === name)?.[1] ?? null
      const event = textOf('event')
      const data = lines.filter(([name]) => name === 'data').map(([, value]) => value)
      if (event !== null) this.messages.push({ event, id: textOf('id'), data: data.join('\n') })
    }
  }

  get ids(): string[] {
    return this.messages.filter(({ event }) => event === 'event').map(({ data }) => JSON.parse(data).event.event_id as string)
  }

  get lastId(): string | null {
    return this.messages.findLast(({ id }) => id !== null)?.id ?? null
  }
}

/** One live stream over a connection of its own. */
export class LiveClient {
  readonly parser = new LiveParser()
  status = 0
  headers: IncomingMessage['headers'] = {}
  ended: 'ended' | 'broken' | null = null
  readonly opened: Promise<void>
  readonly #request: ClientRequest
  #response: IncomingMessage | null = null
  #stalled = false

  constructor(url: string, headers: Record<string, string> = {}) {
    this.#request = get(url, { headers, agent: false })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.opened = promise
    const broken = () => {
      this.ended ??= 'broken'
      resolve()
    }
    this.#request.on('error', broken)
    this.#request.on('response', (response) => {
      this.status = response.statusCode ?? 0
      this.headers = response.headers
      this.#response = response
      response.setEncoding('utf8')
      response.on('data', (text: string) => this.parser.take(text))
      if (this.#stalled) response.pause()
      response.on('end', () => {
        this.ended ??= 'ended'
      })
      response.on('error', broken)
      response.on('close', broken)
      resolve()
    })
  }

  /** Takes nothing any more, until it goes on. */
  stall(): void {
    this.#stalled = true
    this.#response?.pause()
  }

  goOn(): void {
    this.#stalled = false
    this.#response?.resume()
  }

  close(): void {
    this.#request.destroy()
  }
}

/** Passes bytes on to a service that may move, and cuts connections. */
export class CuttingProxy {
  target: number
  readonly #server = createServer((client) => this.#pass(client))
  readonly #sockets = new Set<Socket>()

  constructor(target: number) {
    this.target = target
  }

  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /** Connections of clients that are open. */
  get open(): number {
    return this.#sockets.size
  }

  /** How many connections it cut. */
  cut(): number {
    const open = [...this.#sockets]
    for (const socket of open) socket.destroy()
    return open.length
  }

  close(): void {
    this.cut()
    this.#server.close()
  }

  #pass(client: Socket): void {
    const service = connect(this.target, '127.0.0.1')
    this.#sockets.add(client)
    const end = () => {
      this.#sockets.delete(client)
      client.destroy()
      service.destroy()
    }
    for (const socket of [client, service]) socket.on('error', end).on('close', end)
    client.pipe(service)
    service.pipe(client)
  }
}
