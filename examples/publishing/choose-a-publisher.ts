import { EventPublisher, type EventPublisherEnvironment } from 'edge-event-store/client'

/**
 * The publisher that the environment asks for: to `EVENT_STORE_URL`, with `EVENT_STORE_API_KEY`, for `APPLICATION_NAME`.
 * Without `EVENT_STORE_URL` it publishes nothing, in silence, so that the application runs without an event store.
 */
export function choosePublisher(environment: EventPublisherEnvironment): EventPublisher {
  return EventPublisher.fromEnvironment(environment)
}
