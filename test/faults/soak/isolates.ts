/** The Worker's isolate among those of the runtime; its objects live there too. */
const TARGET = /^core:user:/

const ANSWER_MS = 3_000

/** What V8 answers to `Runtime.getHeapUsage` of the DevTools protocol, in bytes. */
interface HeapUsage {
  readonly usedSize: number
  /** Of array buffers, which lie outside the heap. */
  readonly backingStorageSize?: number
}

/** The isolates of a runtime, through its inspector: the Worker's, and those of what plays the platform around it. */
export class Isolates {
  readonly #worker: Isolate
  readonly #others: readonly Isolate[]

  private constructor(worker: Isolate, others: readonly Isolate[]) {
    this.#worker = worker
    this.#others = others
  }

  static async open(inspectorUrl: string): Promise<Isolates> {
    const { host } = new URL(inspectorUrl)
    const answer = await fetch(`http://${host}/json`, { signal: AbortSignal.timeout(ANSWER_MS) })
    const targets = (await answer.json()) as readonly { readonly id: string }[]
    const open = ({ id }: { readonly id: string }) => Isolate.open(`ws://${host}/${id}`)
    const target = targets.find(({ id }) => TARGET.test(id))
    if (!target) throw new Error('the runtime has no isolate of the Worker')
    const worker = await open(target)
    // One that was never used does not answer.
    const others = await Promise.all(targets.filter((one) => one !== target).map((one) => open(one).catch(() => null)))
    return new Isolates(
      worker,
      others.filter((one) => one !== null),
    )
  }

  /** Bytes that the Worker has in use after everything was collected that can be, in all of them. */
  async live(): Promise<number> {
    await Promise.all(this.#others.map((one) => one.call('HeapProfiler.collectGarbage').catch(() => null)))
    await this.#worker.call('HeapProfiler.collectGarbage')
    const { usedSize, backingStorageSize = 0 } = (await this.#worker.call('Runtime.getHeapUsage')) as HeapUsage
    return usedSize + backingStorageSize
  }

  close(): void {
    for (const one of [this.#worker, ...this.#others]) one.close()
  }
}

class Isolate {
  readonly #socket: WebSocket
  readonly #asked = new Map<number, (result: unknown) => void>()
  #number = 0

  private constructor(socket: WebSocket) {
    this.#socket = socket
    socket.addEventListener('message', ({ data }) => {
      const { id, result } = JSON.parse(String(data)) as { readonly id?: number; readonly result?: unknown }
      if (id !== undefined) this.#asked.get(id)?.(result)
    })
  }

  static async open(url: string): Promise<Isolate> {
    const socket = new WebSocket(url)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    socket.addEventListener('open', () => resolve())
    socket.addEventListener('close', () => reject(new Error('the inspector closed the connection')))
    socket.addEventListener('error', () => reject(new Error('the inspector does not answer')))
    try {
      await inTime(promise)
      return new Isolate(socket)
    } catch (failure) {
      socket.close()
      throw failure
    }
  }

  close(): void {
    this.#socket.close()
  }

  async call(method: string): Promise<unknown> {
    this.#number += 1
    const id = this.#number
    const { promise, resolve } = Promise.withResolvers<unknown>()
    this.#asked.set(id, resolve)
    this.#socket.send(JSON.stringify({ id, method }))
    return inTime(promise).finally(() => this.#asked.delete(id))
  }
}

/** Rejects when nothing comes, as from a runtime that was killed. */
async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the inspector does not answer')), ANSWER_MS)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
