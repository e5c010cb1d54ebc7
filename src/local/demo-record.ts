import type { DemoConversation } from './demo-conversation.ts'
import type { Output } from './demo-output.ts'
import { DemoFailure, type DemoService } from './demo-service.ts'

export interface Recorded {
  /** From the first request to its 201. */
  readonly firstMs: number
  readonly totalMs: number
  readonly reads: number
  readonly readMs: number
}

/** Records event by event, each awaited, and reads the conversation whole before each call of a language model. */
export async function recordConversation(
  service: DemoService,
  conversation: DemoConversation,
  output: Output,
): Promise<Recorded> {
  const { events, runs } = conversation
  const progress = output.progress('recording', events.length)
  const start = performance.now()
  let firstMs = 0
  let reads = 0
  let readMs = 0
  let sent = 0
  for (const [place, run] of runs.entries()) {
    for (const event of run.events) {
      if (event.beforeModelCall) {
        const before = performance.now()
        await readWhole(service, conversation, sent)
        readMs += performance.now() - before
        reads += 1
      }
      const { status } = await service.post(event.text)
      if (status !== 201) throw new DemoFailure(`Event ${event.id} was answered ${status}, not 201`)
      if (sent === 0) firstMs = performance.now() - start
      sent += 1
      progress.at(sent)
    }
    progress.note(`run ${place + 1} of ${runs.length}: ${run.events.length} events recorded`)
  }
  progress.end()
  return { firstMs, totalMs: performance.now() - start, reads, readMs }
}

/** What was acknowledged is there at once, all of it and in its order. */
async function readWhole(service: DemoService, { id, events }: DemoConversation, sent: number): Promise<void> {
  const items = await service.items(`/v1/conversations/${encodeURIComponent(id)}/events`)
  const same = items.length === sent && items.every(({ text }, i) => text === events[i]?.text)
  if (!same) throw new DemoFailure(`A read of ${id} gave other than the ${sent} events recorded so far`)
}

const POLL_MS = 50
const LONGEST_WAIT_MS = 60_000

/** Waits, without asking for it to be hurried, until the history has the whole conversation. */
export async function untilPersisted(service: DemoService, id: string): Promise<{ readonly ms: number; readonly head: number }> {
  const start = performance.now()
  for (;;) {
    const counters = await service.json(`/v1/conversations/${encodeURIComponent(id)}`)
    const { head_seq: head, persisted_seq: persisted } = counters as { head_seq: number; persisted_seq: number }
    const ms = performance.now() - start
    if (persisted === head) return { ms, head }
    if (ms > LONGEST_WAIT_MS) {
      throw new DemoFailure(
        `After ${LONGEST_WAIT_MS / 1000} s the history has ${persisted} of ${head} events. Nothing is lost: see docs/operations.md`,
      )
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}
