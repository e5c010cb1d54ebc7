import { publish } from '../support/dapr.ts'
import { record, type SampleOptions, sampleConversationTexts } from './sample-conversations.ts'
import { sampleRunEvents, sampleRuns } from './sample-runs.ts'

const MINUTE_MS = 60_000

interface Sample extends Omit<SampleOptions, 'startedAt' | 'everyMs'> {
  readonly assistant: string
  readonly minutesAgo: number
  readonly everyMinutes?: number
}

const SAMPLES: readonly Sample[] = [
  { id: 'onboarding-4711', assistant: 'ReActAssistant', minutesAgo: 55, requests: 9, everyMinutes: 3 },
  { id: 'weekly-report', assistant: 'ResearchAssistant', minutesAgo: 46, requests: 8, turns: 3, everyMinutes: 4, seed: 11 },
  { id: 'ticket-20391', assistant: 'SupportAssistant', minutesAgo: 24, requests: 5, everyMinutes: 2, last: 'failed', seed: 3 },
  {
    id: 'ticket-20417',
    assistant: 'SupportAssistant',
    minutesAgo: 21,
    requests: 3,
    everyMinutes: 2,
    last: 'unfinished',
    seed: 5,
  },
  { id: 'draft-contract', assistant: 'ReActAssistant', minutesAgo: 9, requests: 2, everyMinutes: 2, last: 'failed', seed: 13 },
  { id: 'nightly-summary', assistant: 'ResearchAssistant', minutesAgo: 300, requests: 1, last: 'unfinished', seed: 9 },
  { id: 'chat-just-now', assistant: 'ReActAssistant', minutesAgo: 0.2, requests: 1, last: 'unfinished', seed: 17 },
]

/** What a service holds in which assistants and applications are at work: what finished, failed, broke off and goes on. */
export async function recordSampleActivity(url: string, now: number): Promise<void> {
  for (const { assistant, minutesAgo, everyMinutes = 1, ...rest } of SAMPLES) {
    const startedAt = new Date(now - minutesAgo * MINUTE_MS)
    const texts = sampleConversationTexts({ ...rest, startedAt, everyMs: everyMinutes * MINUTE_MS })
    await record(
      url,
      texts.map((text) => text.replaceAll('ReActAssistant', assistant)),
    )
  }
  for (const run of sampleRuns(now)) {
    const { status } = await publish(url, JSON.stringify(sampleRunEvents(run)))
    if (status !== 202) throw new Error(`publishing answered ${status}`)
  }
  const worker = { event_type: 'application_events', event_name: 'worker_start', metadata: { application_name: 'crawler' } }
  await publish(url, JSON.stringify(worker))
}
