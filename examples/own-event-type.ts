import { customEvent, EventCodec, type EventStore, eventClass, type RunContext } from 'edge-event-store'
import * as z from 'zod'

const FeedbackGiven = z.looseObject({
  event_id: z.string(),
  event_type: z.literal('FeedbackGiven'),
  timestamp: z.string(),
  data: z.object({ stars: z.int().min(1).max(5), comment: z.string() }),
})
export type FeedbackGiven = z.infer<typeof FeedbackGiven>

/** For the store: `createEventStore(environment, { codec })`, or that of any other store. */
export const codec = new EventCodec<FeedbackGiven>({ classes: [eventClass('FeedbackGiven', FeedbackGiven)] })

/** Records an event of the application's own type beside Graphite's. */
export async function giveFeedback(
  store: EventStore<FeedbackGiven>,
  invoke_context: RunContext,
  data: FeedbackGiven['data'],
): Promise<void> {
  await store.recordEvent(customEvent({ event_type: 'FeedbackGiven', invoke_context, data }))
}

/** The stars that a conversation was given. Its other events, whatever their types, are passed over. */
export async function starsOf(store: EventStore<FeedbackGiven>, conversationId: string): Promise<number[]> {
  const events = await store.getConversationEvents(conversationId)
  return events.filter((event) => event.event_type === 'FeedbackGiven').map((event) => event.data.stars)
}
