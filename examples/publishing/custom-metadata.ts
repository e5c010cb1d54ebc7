import type { EventPublisher } from 'edge-event-store/client'

/** Adds a member of its own to an event's metadata. What is known of the workflow and the activity comes beside it. */
export async function publishCustomAction(publisher: EventPublisher) {
  const event = {
    event_type: 'custom.action',
    event_name: 'CustomAction',
    data: { action: 'data_export' },
    metadata: { custom_field: 'custom_value' },
  }

  // The same event, now with application_name, created_timestamp and topic_name; in a workflow with workflow_type,
  // workflow_id and workflow_run_id, and in an activity also with activity_type, activity_id and attempt.
  const enriched = publisher.enrichEventMetadata(event)

  await publisher.publishEvent(enriched)
  return enriched
}
