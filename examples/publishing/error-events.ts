import type { EventPublisher } from 'edge-event-store/client'

export class CriticalError extends Error {
  override readonly name = 'CriticalError'
}

/** Publishes an error, with what the application was doing. */
export async function handleError(publisher: EventPublisher, error: Error, context: Record<string, unknown>): Promise<void> {
  await publisher.publishEvent({
    event_type: 'error.occurred',
    event_name: 'ErrorOccurred',
    data: {
      error_type: error.name,
      error_message: error.message,
      context,
      severity: error instanceof CriticalError ? 'high' : 'medium',
    },
  })
}
