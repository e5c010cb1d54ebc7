import type { SampleConversation } from './sample-hour.ts'

const POLL_MS = 100
const LONGEST_WAIT_MS = 60_000

/** Records the conversations, one request each in their order, and waits until the history has all of them. */
export async function recordHour(url: string, conversations: readonly SampleConversation[]): Promise<void> {
  for (const { id, texts } of conversations) {
    const body = `[${texts.join(',')}]`
    const answer = await fetch(`${url}/v1/events`, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body })
    if (!answer.ok) throw new Error(`recording ${id} was answered ${answer.status}: ${await answer.text()}`)
  }
  const deadline = Date.now() + LONGEST_WAIT_MS
  for (const { id } of conversations) {
    while (!(await isPersisted(url, id))) {
      if (Date.now() > deadline) throw new Error(`the history does not have all of ${id} after ${LONGEST_WAIT_MS / 1000} s`)
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }
}

async function isPersisted(url: string, id: string): Promise<boolean> {
  const answer = await fetch(`${url}/v1/conversations/${encodeURIComponent(id)}`)
  const { head_seq, persisted_seq } = (await answer.json()) as { head_seq: number; persisted_seq: number }
  return persisted_seq === head_seq
}
