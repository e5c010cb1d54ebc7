import { fileURLToPath } from 'node:url'
import type { EventPublisher } from 'edge-event-store/client'
import { lifecycleActivityInterceptors, publishActivities } from 'edge-event-store/temporal/activity'

/** What a worker needs to publish for its workflows and activities: `Worker.create({ taskQueue, ...workerOptions(…) })`. */
export function workerOptions<Activities extends object>(publisher: EventPublisher, activities: Activities) {
  return {
    workflowsPath: fileURLToPath(import.meta.resolve('./workflows.ts')),
    // The activity that workflows publish through stands beside the application's own.
    activities: { ...activities, ...publishActivities(publisher) },
    interceptors: {
      // activity_start and activity_end
      activity: [lifecycleActivityInterceptors(publisher)],
      // workflow_start and workflow_end
      workflowModules: [fileURLToPath(import.meta.resolve('edge-event-store/temporal/workflow'))],
    },
  }
}
