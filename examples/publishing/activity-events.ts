import { EventPublisher } from 'edge-event-store/client'
import { temporalActivityContext } from 'edge-event-store/temporal/activity'

export interface WorkflowArgs {
  readonly source: string
}

/** With this context the publisher knows the Temporal activity and workflow that an event comes from. */
export function activityPublisher(environment: { EVENT_STORE_URL?: string; EVENT_STORE_API_KEY?: string }): EventPublisher {
  return EventPublisher.fromEnvironment(environment, {
    applicationName: 'data-processing',
    context: [temporalActivityContext()],
  })
}

/** Temporal activities that publish what becomes of their work. */
export function dataActivities(publisher: EventPublisher, doProcessing: (args: WorkflowArgs) => Promise<{ count: number }>) {
  return {
    async processData(args: WorkflowArgs): Promise<{ count: number }> {
      const { source } = args
      await publisher.publishEvent({ event_type: 'activity.data_processing_started', data: { source } })
      try {
        const result = await doProcessing(args)
        await publisher.publishEvent({
          event_type: 'activity.data_processing_completed',
          data: { source, records: result.count },
        })
        return result
      } catch (error) {
        await publisher.publishEvent({
          event_type: 'activity.data_processing_failed',
          data: { source, error: String(error) },
        })
        throw error
      }
    },
  }
}
