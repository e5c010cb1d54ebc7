/** The Worker's isolate among those of the runtime; its objects live there too. */
const TARGET = /^core:user:/

const ANSWER_MS = 5_000

/** What V8 answers to `Runtime.getHeapUsage` of the DevTools protocol, in bytes. */
interface HeapUsage {
  readonly usedSize: number
  /** Of array buffers, which lie outside the heap. */
  readonly backingStorageSize?: number
}

/** The Worker's isolate, through the runtime's inspector. */
export class Isolate {
  readonly #socket: WebSocket
  #number = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
  }

  static async open(inspectorUrl: string): Promise<Isolate> {
    const { host } = new URL(inspectorUrl)
    const answer = await fetch(`http://${host}/json`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const targets = (await answer.json()) as readonly { readonly id: string }[]
    const target = targets.find(({ id }) => TARGET.test(id))
    if (!target) throw new Error('the runtime has no isolate of the Worker')
    const socket = new WebSocket(`ws://${host}/${target.id}`)
    await once(socket, 'open')
    return new Isolate(socket)
  }

  /** Bytes that are in use after everything was collected that can be. */
  async live(): Promise<number> {
    await this.#call('HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize = 0 } = (await this.#call('Runtime.getHeapUsage')) as HeapUsage
    return usedSize + backingStorageSize
  }

  close(): void {
    this.#socket.close()
  }

  async #call(method: string): Promise<unknown> {
    this.#number += 1
    const id = this.#number
    const answered = once(this.#socket, 'message', (data) => (JSON.parse(data) as { readonly id?: number }).id === id)
    this.#socket.send(JSON.stringify({ id, method }))
    return (JSON.parse(await answered) as { readonly result: unknown }).result
  }
}

/** The data of the first message that fits, or of the opening; rejects when the connection fails, or nothing comes. */
function once(socket: WebSocket, type: 'open' | 'message', fits: (data: string) => boolean = () => true): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const over = new AbortController()
  const { signal } = over
  const fail = () => reject(new Error('the inspector does not answer'))
  const timer = setTimeout(fail, ANSWER_MS)
  const take = (event: Event) => {
    const data = event instanceof MessageEvent ? String(event.data) : ''
    if (type === 'open' || fits(data)) resolve(data)
  }
  socket.addEventListener(type, take, { signal })
  socket.addEventListener('error', fail, { signal })
  socket.addEventListener('close', fail, { signal })
  return promise.finally(() => {
    clearTimeout(timer)
    over.abort()
  })
}
