import { EventPersistenceError } from '../../model/errors.ts'
import type { RecordResult } from '../../model/event-store.ts'
import type { PreparedEvent } from '../../model/event-store-base.ts'
import { InvalidEventError } from '../../model/invalid-event-error.ts'
import { MAX_REQUEST_BYTES, MAX_REQUEST_CONVERSATIONS, MAX_REQUEST_EVENTS } from '../../model/limits.ts'
import { numberOption } from '../../model/number-option.ts'
import { startTimer } from '../../model/timers.ts'
import type { EventOutcome } from '../../protocol/answers.ts'
import { failure } from '../failure.ts'
import type { BufferOptions, RecordOptions } from '../options.ts'
import type { RequestLimits } from '../split-events.ts'
import { BufferedCall, memoryOf } from './buffered-call.ts'
import { resultsOf } from './exact-results.ts'
import { planBatch } from './plan-batch.ts'

export interface BufferDeps {
  /** Records the events of several calls in one request, and tells what became of each. */
  readonly recordBatch: (events: readonly PreparedEvent[]) => Promise<readonly EventOutcome[]>
  /** Records one call, however long. */
  readonly recordCall: (events: readonly PreparedEvent[], options: RecordOptions) => Promise<RecordResult>
  /** Milliseconds after which a request is over, one way or the other. */
  readonly patienceMs: number
}

/** One request under way, or several one after the other. */
interface Batch {
  readonly calls: readonly BufferedCall[]
  /** When it is no longer waited for, by the buffer's clock. */
  givenUpAt: number
}

const MIB = 1024 * 1024

/** A timer so much overdue is one that will never fire; how often a waiting call looks for such, too. In milliseconds. */
const OVERDUE_MS = 1_000

/**
 * Gathers the events of many calls into requests, each call with its own exact result. What leaves when is `planBatch`'s to say.
 *
 * In a Worker the timers and requests that one of its requests began end with it, and nobody is told. So whoever waits
 * looks by a timer of its own after what others began.
 */
export class WriteBuffer {
  readonly #deps: BufferDeps
  readonly #limits: RequestLimits
  readonly #maxDelayMs: number
  readonly #maxBufferedBytes: number
  readonly #maxInFlight: number
  readonly #waiting = new Set<BufferedCall>()
  /** Waiting or under way. */
  readonly #unsettled = new Set<BufferedCall>()
  /** Conversations of requests under way. */
  readonly #busy = new Set<string>()
  readonly #inFlight = new Set<Batch>()
  #bufferedBytes = 0
  /** Added since the last plan. */
  #news = { events: 0, bytes: 0 }
  #pumping = false
  /** The first failure that no `flush` told of yet. */
  #failure: { readonly thrown: unknown } | null = null
  readonly #noted = new WeakSet<object>()
  #timer: { readonly at: number; readonly id: ReturnType<typeof setTimeout> } | null = null

  constructor(deps: BufferDeps, options: BufferOptions) {
    this.#deps = deps
    this.#limits = {
      events: Math.min(numberOption('buffer.maxEvents', options.maxEvents, 500, 1), MAX_REQUEST_EVENTS),
      // With room for a comma an event.
      bytes: Math.min(numberOption('buffer.maxBytes', options.maxBytes, MIB, 1), MAX_REQUEST_BYTES - MAX_REQUEST_EVENTS - 2),
      conversations: MAX_REQUEST_CONVERSATIONS,
    }
    this.#maxDelayMs = numberOption('buffer.maxDelayMs', options.maxDelayMs, 5)
    this.#maxBufferedBytes = numberOption('buffer.maxBufferedBytes', options.maxBufferedBytes, 64 * MIB, 1)
    // With none nothing would ever leave.
    this.#maxInFlight = numberOption('buffer.maxInFlight', options.maxInFlight, 4, 1)
  }

  /** Resolves when the events are durable, with what became of them. */
  record(events: readonly PreparedEvent[], options: RecordOptions): Promise<RecordResult> {
    const call = new BufferedCall(events, options, performance.now() + this.#maxDelayMs)
    const refusal = this.#refusal(call.memory)
    if (refusal) return Promise.reject(refusal)
    const { signal } = options
    if (signal) {
      const withdraw = () => this.#withdraw(call, signal.reason)
      signal.addEventListener('abort', withdraw, { once: true })
      void call.settled.then(() => signal.removeEventListener('abort', withdraw))
    }
    this.#waiting.add(call)
    this.#unsettled.add(call)
    this.#bufferedBytes += call.memory
    this.#news.events += events.length
    this.#news.bytes += call.bytes
    if (call.alone || this.#news.events >= this.#limits.events || this.#news.bytes >= this.#limits.bytes) this.#pumpSoon()
    else this.#wakeAt(call.dueAt)
    return this.#watched(call.result)
  }

  /** Keeps room for events that are being encrypted, until the function that it gives is called. Throws when there is none. */
  hold(events: readonly PreparedEvent[]): () => void {
    const memory = memoryOf(events)
    const refusal = this.#refusal(memory)
    if (refusal) throw refusal
    this.#bufferedBytes += memory
    return () => {
      this.#bufferedBytes -= memory
    }
  }

  /** Sends what waits, and resolves when all that was recorded before is settled. Rejects with the first failure since the last flush. */
  async flush(): Promise<void> {
    await this.settled()
    const failure = this.#failure
    this.#failure = null
    if (failure) throw failure.thrown
  }

  /** For `flush` to tell of. */
  noteFailure(thrown: unknown): void {
    if (typeof thrown === 'object' && thrown !== null) {
      if (this.#noted.has(thrown)) return
      this.#noted.add(thrown)
    }
    this.#failure ??= { thrown }
  }

  /** As `flush`, whatever fails; with a conversation, when all that was recorded there is settled. */
  async settled(conversationId?: string): Promise<void> {
    const calls = [...this.#unsettled].filter(
      ({ conversations }) => conversationId === undefined || conversations.has(conversationId),
    )
    if (calls.length === 0) return
    for (const call of this.#waiting) call.dueAt = 0
    this.#pump()
    await this.#watched(Promise.all(calls.map((call) => call.settled)))
  }

  async #watched<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => this.#revive(), OVERDUE_MS)
    try {
      return await work
    } finally {
      clearInterval(timer)
    }
  }

  /** Does what a timer should have done, and gives up what was never answered. */
  #revive(): void {
    const now = performance.now()
    for (const batch of this.#inFlight) if (now >= batch.givenUpAt) this.#giveUp(batch)
    if (this.#pumping || (this.#timer && now - this.#timer.at >= OVERDUE_MS)) this.#pump()
  }

  #giveUp(batch: Batch): void {
    const why = 'its request was never answered. Repeating it is safe'
    for (const call of batch.calls) this.#fail(call, failure('recordEvents', why, { transient: true }))
    this.#end(batch)
  }

  #refusal(memory: number): EventPersistenceError | null {
    if (memory > this.#maxBufferedBytes) {
      const why = 'the list is larger than the buffer. Nothing was recorded; record it in parts'
      return failure('recordEvents', why, { refusesData: true })
    }
    if (this.#bufferedBytes + memory <= this.#maxBufferedBytes) return null
    const why = 'the buffer is full. Nothing was recorded; record more slowly, or raise maxBufferedBytes'
    return failure('recordEvents', why, { transient: true })
  }

  #wakeAt(at: number): void {
    if (this.#timer) {
      if (this.#timer.at <= at && performance.now() - this.#timer.at < OVERDUE_MS) return
      clearTimeout(this.#timer.id)
    }
    this.#timer = { at, id: startTimer(() => this.#pump(), at - performance.now()) }
  }

  /** Once for all calls of this moment. */
  #pumpSoon(): void {
    if (this.#pumping) return
    this.#pumping = true
    void Promise.resolve().then(() => this.#pump())
  }

  #pump(): void {
    this.#pumping = false
    if (this.#timer) clearTimeout(this.#timer.id)
    this.#timer = null
    this.#news = { events: 0, bytes: 0 }
    while (this.#inFlight.size < this.#maxInFlight) {
      const { take, wakeAt } = planBatch(this.#waiting, this.#busy, this.#limits, performance.now())
      if (wakeAt !== null) this.#wakeAt(wakeAt)
      if (take.length === 0) return
      void this.#launch({ calls: take, givenUpAt: performance.now() + this.#deps.patienceMs })
    }
  }

  async #launch(batch: Batch): Promise<void> {
    this.#inFlight.add(batch)
    for (const call of batch.calls) {
      this.#waiting.delete(call)
      for (const id of call.conversations) this.#busy.add(id)
    }
    await this.#recordTogether(batch)
    this.#end(batch)
  }

  #end(batch: Batch): void {
    if (!this.#inFlight.delete(batch)) return
    for (const call of batch.calls) for (const id of call.conversations) this.#busy.delete(id)
    this.#pump()
  }

  /** Never rejects: every call is settled. */
  async #recordTogether(batch: Batch): Promise<void> {
    const { calls } = batch
    if (calls.length === 1) return this.#recordEach(batch)
    try {
      const outcomes = await this.#deps.recordBatch(calls.flatMap((call) => call.events))
      const results = resultsOf(
        calls.map((call) => call.events),
        outcomes,
      )
      for (const [place, call] of calls.entries()) this.#succeed(call, results[place] as RecordResult)
    } catch (thrown) {
      // One call's fault must be its own; and the order of the others stays.
      if (refusesData(thrown)) return this.#recordEach(batch)
      for (const call of calls) this.#fail(call, thrown)
    }
  }

  async #recordEach(batch: Batch): Promise<void> {
    for (const [place, call] of batch.calls.entries()) {
      if (!this.#inFlight.has(batch)) return
      // A long list goes in several requests.
      batch.givenUpAt =
        performance.now() + this.#deps.patienceMs * (1 + Math.floor(call.events.length / MAX_REQUEST_CONVERSATIONS))
      try {
        // Without the caller's signal: the order of what follows rests on the outcome.
        this.#succeed(call, await this.#deps.recordCall(call.events, { ...call.options, signal: undefined }))
      } catch (thrown) {
        this.#fail(call, thrown)
        // What keeps one call out keeps them all: nobody waits for the same again.
        if (!(thrown instanceof EventPersistenceError) || refusesData(thrown)) continue
        for (const other of batch.calls.slice(place + 1)) this.#fail(other, thrown)
        return
      }
    }
  }

  #succeed(call: BufferedCall, result: RecordResult): void {
    call.resolve(result)
    this.#release(call)
  }

  #fail(call: BufferedCall, thrown: unknown): void {
    if (!this.#unsettled.has(call)) return
    this.noteFailure(thrown)
    call.reject(thrown)
    this.#release(call)
  }

  /** Takes a call out if it has not left yet; its promise rejects in any case. */
  #withdraw(call: BufferedCall, reason: unknown): void {
    call.reject(reason)
    if (!this.#waiting.delete(call)) return
    this.#release(call)
    // Others may have waited for it.
    this.#pumpSoon()
  }

  #release(call: BufferedCall): void {
    if (!this.#unsettled.delete(call)) return
    this.#bufferedBytes -= call.memory
    call.settle()
  }
}

function refusesData(thrown: unknown): boolean {
  return thrown instanceof InvalidEventError || (thrown instanceof EventPersistenceError && thrown.refusesData)
}
