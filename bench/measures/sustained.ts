import { conversationId, renderBody } from '../bodies.ts'
import { atLeast, type Figure } from '../figures.ts'
import { runLoad, send } from '../load.ts'
import type { Bench } from '../store.ts'

const CONCURRENCY = 16
const BATCH = 100
const CONVERSATIONS = 64
const PREFIX = 'sustained-'

/** Records as fast as it goes, and counts the time until Postgres has all of it. */
export async function measureSustained({ services, quick, delivered, settled }: Bench): Promise<Figure[]> {
  const events = quick ? 20_000 : 50_000
  const conversations = Array.from({ length: CONVERSATIONS }, (_, i) => conversationId(`${PREFIX}${i}`))
  const bodies = Array.from({ length: CONCURRENCY }, () => renderBody('small', BATCH))
  const began = performance.now()
  const load = await runLoad({ concurrency: CONCURRENCY, requests: events / BATCH }, (sender, request) => {
    const body = bodies[sender] as (typeof bodies)[number]
    body.fill(conversations[request % CONVERSATIONS] as string)
    return send({ method: 'POST', url: `${services.store}/v1/events`, body: body.bytes })
  })
  await delivered(PREFIX, events)
  const seconds = (performance.now() - began) / 1000
  await settled(conversations)
  return [
    { name: `${events} events recorded in batches of ${BATCH}`, unit: 'events/s', value: events / load.seconds },
    { name: `${events} events into Postgres`, unit: 'events/s', value: events / seconds, aim: atLeast('value', 8_000) },
  ]
}
