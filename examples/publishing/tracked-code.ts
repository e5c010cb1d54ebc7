import { AsyncLocalStorage } from 'node:async_hooks'
import {
  asyncContext,
  EventPublisher,
  type EventPublisherOptions,
  type ExecutionContext,
  lifecycleTracking,
} from 'edge-event-store/client'

/** Code that runs in no workflow engine, tracked as a workflow with activities: start and end events with state and duration. */
export async function importTable(options: EventPublisherOptions, table: string): Promise<number> {
  const context = asyncContext(new AsyncLocalStorage<ExecutionContext>())
  const publisher = new EventPublisher({ ...options, context: [context.provider] })
  const { trackWorkflow, trackActivity } = lifecycleTracking(publisher, context)

  return trackWorkflow({ type: 'TableImport', id: `import-${table}`, runId: crypto.randomUUID() }, async () => {
    const rows = await trackActivity({ type: 'extract', id: 'extract-1', attempt: 1 }, async () => {
      const found = ['a', 'b', 'c']
      // Knows by itself that it comes from this activity of this workflow.
      await publisher.publishEvent({ event_type: 'data.extracted', data: { table, rows: found.length } })
      return found
    })
    return rows.length
  })
}
