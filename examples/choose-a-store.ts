import { createEventStore, type EventStore, type EventStoreEnvironment } from 'edge-event-store'

/**
 * The store that the environment asks for: PostgreSQL with `ENVIRONMENT=production` and a `DATABASE_URL`, in memory else.
 * Production without a `DATABASE_URL` is an error, not a store that forgets.
 */
export function chooseStore(environment: EventStoreEnvironment): EventStore {
  return createEventStore(environment)
}
