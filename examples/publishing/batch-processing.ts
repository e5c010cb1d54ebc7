import type { EventPublisher } from 'edge-event-store/client'

/** Processes a batch, and publishes its beginning and its end with the time that it took. */
export async function processBatch<Item>(
  publisher: EventPublisher,
  batch_id: string,
  items: readonly Item[],
  process: (item: Item) => Promise<void>,
): Promise<void> {
  const began = Date.now()
  await publisher.publishEvent({
    event_type: 'batch.started',
    event_name: 'BatchProcessingStarted',
    data: { batch_id, item_count: items.length, priority: 'high' },
  })

  for (const item of items) await process(item)

  await publisher.publishEvent({
    event_type: 'batch.completed',
    event_name: 'BatchProcessingCompleted',
    data: { batch_id, processed_count: items.length, duration_ms: Date.now() - began },
  })
}
