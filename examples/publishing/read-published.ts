import { type ApplicationEvent, EventCodec, eventClass, type HttpEventStore, parseJson } from 'edge-event-store/client'
import * as z from 'zod'

/** All events of a run, whatever their types, in the order of its log. */
export async function eventsOfRun(url: string, apiKey: string, runId: string): Promise<ApplicationEvent[]> {
  const log = encodeURIComponent(`workflow:${runId}`)
  const headers = { Authorization: `Bearer ${apiKey}`, Accept: 'application/x-ndjson' }
  const answer = await fetch(`${url}/v1/conversations/${log}/events`, { headers })
  if (!answer.ok) throw new Error(`the events of the run cannot be read: ${answer.status}`)
  const lines = (await answer.text()).split('\n').filter((line) => line !== '')
  return lines.map((line) => (parseJson(line) as unknown as { event: ApplicationEvent }).event)
}

const OrderPaid = z.looseObject({
  event_type: z.literal('order.paid'),
  data: z.looseObject({ amount: z.number() }),
})
export type OrderPaid = z.infer<typeof OrderPaid>

/** For the store: `new HttpEventStore({ url, apiKey, codec })`. */
export const codec = new EventCodec<OrderPaid>({ classes: [eventClass('order.paid', OrderPaid)] })

/** The events of the registered class. The run's other events are passed over. */
export async function paymentsOfRun(store: HttpEventStore<OrderPaid>, runId: string): Promise<OrderPaid[]> {
  const events = await store.getConversationEvents(`workflow:${runId}`)
  return events.filter((event) => event.event_type === 'order.paid')
}
