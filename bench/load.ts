import { Agent, type OutgoingHttpHeaders, request } from 'node:http'

export interface HttpRequest {
  readonly method?: 'GET' | 'POST'
  readonly url: string
  readonly headers?: OutgoingHttpHeaders
  readonly body?: Uint8Array
}

export interface HttpAnswer {
  readonly status: number
  readonly body: Buffer
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

/** One request over a kept connection, without what `fetch` adds to its cost. Rejects on anything but success. */
export function send({ method = 'GET', url, headers = {}, body }: HttpRequest): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const length = body ? { 'Content-Type': 'application/json', 'Content-Length': body.byteLength } : {}
    const call = request(url, { method, agent, headers: { ...length, ...headers } }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        const text = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)
        if (status >= 200 && status < 300) resolve({ status, body: text })
        else reject(new Error(`${method} ${url}: ${status} ${text.toString().slice(0, 500)}`))
      })
    })
    call.on('error', reject)
    call.end(body)
  })
}

export async function sendJson<T>(demand: HttpRequest): Promise<T> {
  return JSON.parse((await send(demand)).body.toString()) as T
}

export interface LoadOptions {
  /** Requests that wait for their answers at a time. */
  readonly concurrency: number
  /** Ends the load after so many seconds, or after so many requests. */
  readonly seconds?: number
  readonly requests?: number
}

export interface Load {
  readonly requests: number
  readonly seconds: number
  /** Time of each request in ms. */
  readonly latencies: readonly number[]
}

/**
 * An open loop: requests set out at a fixed rate, whether answers come or not, as callers do who know nothing of each other. The time
 * of each counts from when it was to set out, so that a server that stalls is not asked less and does not look better for it.
 */
export async function runOpenLoop(
  { rate, goOn }: { readonly rate: number; readonly goOn: (elapsedMs: number) => boolean },
  one: (request: number) => Promise<unknown>,
): Promise<Load> {
  const latencies: number[] = []
  const running: Promise<void>[] = []
  const start = performance.now()
  let requests = 0
  for (; goOn((requests * 1000) / rate); requests++) {
    const due = start + (requests * 1000) / rate
    const wait = due - performance.now()
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    running.push(
      one(requests).then(() => {
        latencies.push(performance.now() - due)
      }),
    )
  }
  await Promise.all(running)
  return { requests, seconds: (performance.now() - start) / 1000, latencies }
}

/** A closed loop: each of `concurrency` senders sends its next request when it has the answer to its last. */
export async function runLoad(options: LoadOptions, one: (sender: number, request: number) => Promise<unknown>): Promise<Load> {
  const { concurrency, seconds = Number.POSITIVE_INFINITY, requests = Number.POSITIVE_INFINITY } = options
  const latencies: number[] = []
  let begun = 0
  const start = performance.now()
  const deadline = start + seconds * 1000
  const sender = async (_: unknown, place: number) => {
    while (begun < requests && performance.now() < deadline) {
      const request = begun++
      const sent = performance.now()
      await one(place, request)
      latencies.push(performance.now() - sent)
    }
  }
  await Promise.all(Array.from({ length: concurrency }, sender))
  return { requests: latencies.length, seconds: (performance.now() - start) / 1000, latencies }
}
