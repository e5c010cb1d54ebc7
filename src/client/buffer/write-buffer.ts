import { EventPersistenceError } from '../../model/errors.ts'
import type { RecordResult } from '../../model/event-store.ts'
import type { PreparedEvent } from '../../model/event-store-base.ts'
import { InvalidEventError } from '../../model/invalid-event-error.ts'
import { MAX_REQUEST_BYTES, MAX_REQUEST_CONVERSATIONS, MAX_REQUEST_EVENTS } from '../../model/limits.ts'
import type { EventOutcome } from '../../protocol/answers.ts'
import type { BufferOptions, RecordOptions } from '../options.ts'
import type { RequestLimits } from '../split-events.ts'
import { BufferedCall } from './buffered-call.ts'
import { resultsOf } from './exact-results.ts'
import { planBatch } from './plan-batch.ts'

export interface BufferDeps {
  /** Records the events of several calls in one request, and tells what became of each. */
  readonly recordBatch: (events: readonly PreparedEvent[]) => Promise<readonly EventOutcome[]>
  /** Records one call, however long. */
  readonly recordCall: (events: readonly PreparedEvent[], options: RecordOptions) => Promise<RecordResult>
}

const MIB = 1024 * 1024

/** Gathers the events of many calls into requests, each call with its own exact result. What leaves when is `planBatch`'s to say. */
export class WriteBuffer {
  readonly #deps: BufferDeps
  readonly #limits: RequestLimits
  readonly #maxDelayMs: number
  readonly #maxBufferedBytes: number
  readonly #maxInFlight: number
  #waiting: BufferedCall[] = []
  /** Waiting or under way. */
  readonly #unsettled = new Set<BufferedCall>()
  /** Conversations of requests under way. */
  readonly #busy = new Set<string>()
  #inFlight = 0
  #bufferedBytes = 0
  /** Added since the last plan. */
  #news = { events: 0, bytes: 0 }
  #timer: { readonly at: number; readonly id: ReturnType<typeof setTimeout> } | null = null

  constructor(deps: BufferDeps, options: BufferOptions) {
    this.#deps = deps
    this.#limits = {
      events: Math.min(options.maxEvents ?? 500, MAX_REQUEST_EVENTS),
      // With room for a comma an event.
      bytes: Math.min(options.maxBytes ?? MIB, MAX_REQUEST_BYTES - MAX_REQUEST_EVENTS - 2),
      conversations: MAX_REQUEST_CONVERSATIONS,
    }
    this.#maxDelayMs = options.maxDelayMs ?? 5
    this.#maxBufferedBytes = options.maxBufferedBytes ?? 32 * MIB
    // With none nothing would ever leave.
    this.#maxInFlight = Math.max(1, options.maxInFlight ?? 4)
  }

  /** Resolves when the events are durable, with what became of them. */
  record(events: readonly PreparedEvent[], options: RecordOptions): Promise<RecordResult> {
    const call = new BufferedCall(events, options, performance.now() + this.#maxDelayMs)
    const refusal = this.#refusal(call)
    if (refusal) return Promise.reject(refusal)
    const { signal } = options
    if (signal) {
      const withdraw = () => this.#withdraw(call, signal.reason)
      signal.addEventListener('abort', withdraw, { once: true })
      void call.settled.then(() => signal.removeEventListener('abort', withdraw))
    }
    this.#waiting.push(call)
    this.#unsettled.add(call)
    this.#bufferedBytes += call.bytes
    this.#news.events += events.length
    this.#news.bytes += call.bytes
    if (call.alone || this.#news.events >= this.#limits.events || this.#news.bytes >= this.#limits.bytes) this.#pump()
    else this.#wakeAt(call.dueAt)
    return call.result
  }

  /** Sends what waits, and resolves when all that was recorded before is settled. Rejects with the first failure among it. */
  async flush(): Promise<void> {
    const calls = [...this.#unsettled]
    await this.settled()
    const failed = calls.find(({ failure }) => failure !== null)
    if (failed?.failure) throw failed.failure.thrown
  }

  /** As `flush`, whatever fails; with a conversation, when all that was recorded there is settled. */
  async settled(conversationId?: string): Promise<void> {
    const calls = [...this.#unsettled].filter(
      ({ conversations }) => conversationId === undefined || conversations.has(conversationId),
    )
    if (calls.length === 0) return
    for (const call of this.#waiting) call.dueAt = 0
    this.#pump()
    await Promise.all(calls.map((call) => call.settled))
  }

  #refusal(call: BufferedCall): EventPersistenceError | null {
    const operation = 'recordEvents'
    if (call.bytes > this.#maxBufferedBytes) {
      const message = `${operation} failed: the list is larger than the buffer. Nothing was recorded; record it in parts`
      return new EventPersistenceError(message, { operation, transient: false, refusesData: true })
    }
    if (this.#bufferedBytes + call.bytes <= this.#maxBufferedBytes) return null
    const message = `${operation} failed: the buffer is full. Nothing was recorded; record more slowly, or raise maxBufferedBytes`
    return new EventPersistenceError(message, { operation, transient: true })
  }

  #wakeAt(at: number): void {
    if (this.#timer) {
      if (this.#timer.at <= at) return
      clearTimeout(this.#timer.id)
    }
    const id = setTimeout(
      () => {
        this.#timer = null
        this.#pump()
      },
      Math.max(0, at - performance.now()),
    )
    this.#timer = { at, id }
  }

  #pump(): void {
    this.#news = { events: 0, bytes: 0 }
    while (this.#inFlight < this.#maxInFlight) {
      const { take, wakeAt } = planBatch(this.#waiting, this.#busy, this.#limits, performance.now())
      if (wakeAt !== null) this.#wakeAt(wakeAt)
      if (take.length === 0) return
      void this.#launch(take)
    }
  }

  async #launch(calls: readonly BufferedCall[]): Promise<void> {
    const taken = new Set(calls)
    this.#waiting = this.#waiting.filter((call) => !taken.has(call))
    for (const call of calls) for (const id of call.conversations) this.#busy.add(id)
    this.#inFlight += 1
    await this.#recordTogether(calls)
    this.#inFlight -= 1
    for (const call of calls) for (const id of call.conversations) this.#busy.delete(id)
    this.#pump()
  }

  /** Never rejects: every call is settled. */
  async #recordTogether(calls: readonly BufferedCall[]): Promise<void> {
    if (calls.length === 1) return this.#recordEach(calls)
    try {
      const outcomes = await this.#deps.recordBatch(calls.flatMap((call) => call.events))
      const results = resultsOf(
        calls.map((call) => call.events),
        outcomes,
      )
      for (const [place, call] of calls.entries()) this.#succeed(call, results[place] as RecordResult)
    } catch (thrown) {
      // One call's fault must be its own; and the order of the others stays.
      if (refusesData(thrown)) return this.#recordEach(calls)
      for (const call of calls) this.#fail(call, thrown)
    }
  }

  async #recordEach(calls: readonly BufferedCall[]): Promise<void> {
    for (const call of calls) {
      try {
        // Without the caller's signal: the order of what follows rests on the outcome.
        this.#succeed(call, await this.#deps.recordCall(call.events, { ...call.options, signal: undefined }))
      } catch (thrown) {
        this.#fail(call, thrown)
      }
    }
  }

  #succeed(call: BufferedCall, result: RecordResult): void {
    call.resolve(result)
    this.#release(call)
  }

  #fail(call: BufferedCall, thrown: unknown): void {
    call.failure = { thrown }
    call.reject(thrown)
    this.#release(call)
  }

  /** Takes a call out if it has not left yet; its promise rejects in any case. */
  #withdraw(call: BufferedCall, reason: unknown): void {
    call.reject(reason)
    const place = this.#waiting.indexOf(call)
    if (place < 0) return
    this.#waiting.splice(place, 1)
    this.#release(call)
    // Others may have waited for it.
    this.#pump()
  }

  #release(call: BufferedCall): void {
    this.#unsettled.delete(call)
    this.#bufferedBytes -= call.bytes
    call.settle()
  }
}

function refusesData(thrown: unknown): boolean {
  return thrown instanceof InvalidEventError || (thrown instanceof EventPersistenceError && thrown.refusesData)
}
