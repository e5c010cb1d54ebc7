import { ApplicationEventNames, type EventPublisher } from 'edge-event-store/client'

/** Publishes lifecycle events by hand. The service sends these four names on to Segment, where that is configured. */
export async function publishLifecycle(publisher: EventPublisher): Promise<void> {
  await publisher.publishEvent({
    event_name: ApplicationEventNames.WORKFLOW_START,
    event_type: 'workflow.started',
    data: { workflow_type: 'DataProcessing' },
  })

  await publisher.publishEvent({
    event_name: ApplicationEventNames.ACTIVITY_START,
    event_type: 'activity.started',
    data: { activity_type: 'ExtractData' },
  })
}
