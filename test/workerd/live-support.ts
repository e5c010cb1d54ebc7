import { exports } from 'cloudflare:workers'
import type { AppendAnswer } from '../../src/conversation/rpc.ts'
import { Conversation } from './support.ts'

export interface Message {
  readonly event: string
  readonly id: string | null
  readonly data: string
}

/** Reads a stream of server-sent events as it comes. */
export class LiveStream {
  readonly response: Response
  readonly messages: Message[] = []
  /** How it ended; null while it goes on. */
  ended: 'ended' | 'broken' | null = null
  comments = 0
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  #text = ''
  readonly #decoder = new TextDecoder()
  #wake: () => void = () => {}
  readonly done: Promise<void>

  constructor(response: Response) {
    this.response = response
    if (!response.body) throw new Error('the answer has no body')
    this.#reader = response.body.getReader()
    this.done = this.#pump()
  }

  get ids(): string[] {
    return this.events.map(({ event }) => event.event_id.replace(/@.*/, ''))
  }

  get seqs(): number[] {
    return this.events.map(({ seq }) => seq)
  }

  get events(): { seq: number; event: { event_id: string } }[] {
    return this.messages.filter(({ event }) => event === 'event').map(({ data }) => JSON.parse(data))
  }

  /** Waits until the messages are as wanted. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      if (this.ended) throw new Error(`the stream ${this.ended} after ${JSON.stringify(this.messages.slice(-3))}`)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  upTo(seq: number): Promise<void> {
    return this.until(() => this.messages.some(({ event, data }) => event === 'up-to-date' && data === `{"cursor":"${seq}"}`))
  }

  async close(): Promise<void> {
    await this.#reader.cancel()
  }

  async #pump(): Promise<void> {
    try {
      for (;;) {
        const { done, value } = await this.#reader.read()
        if (done) break
        this.#take(this.#decoder.decode(value, { stream: true }))
        this.#wake()
      }
      this.ended = 'ended'
    } catch {
      this.ended = 'broken'
    }
    this.#wake()
  }

  #take(text: string): void {
    const parts = (this.#text + text).split('\n\n')
    this.#text = parts.pop() ?? ''
    for (const part of parts) {
      const message = { event: '', id: null as string | null, data: [] as string[] }
      for (const line of part.split('\n')) {
        const at = line.indexOf(':')
        const [name, value] = [line.slice(0, at), line.slice(at + 2)]
        if (name === 'data') message.data.push(value)
        else if (name === 'event') message.event = value
        else if (name === 'id') message.id = value
        else if (name === '') this.comments += 1
      }
      if (message.event !== '') this.messages.push({ ...message, data: message.data.join('\n') })
    }
  }
}

/** Its events have ids of their own, so that the history takes them: of each only what stands before the @ is told of. */
export class Talk extends Conversation {
  override record(...ids: string[]): Promise<AppendAnswer> {
    return super.record(...ids.map((id) => `${id}@${this.id}`))
  }
}

export async function live(path: string, headers: Record<string, string> = {}): Promise<LiveStream> {
  return new LiveStream(await exports.default.fetch(`https://localhost${path}`, { headers }))
}
