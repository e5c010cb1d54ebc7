import type { EventPublisher } from 'edge-event-store/client'

/** Publishes that a workflow has begun and that it has completed. */
export async function publishWorkflowStatus(publisher: EventPublisher): Promise<void> {
  await publisher.publishEvent({
    event_type: 'workflow.started',
    event_name: 'WorkflowStarted',
    data: { workflow_id: 'wf-123', source: 'manual', user_id: 'user-456' },
  })

  await publisher.publishEvent({
    event_type: 'workflow.completed',
    event_name: 'WorkflowCompleted',
    data: { workflow_id: 'wf-123', status: 'success', duration_seconds: 1800, records_processed: 10_000 },
  })
}
