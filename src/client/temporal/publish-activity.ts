import type { ApplicationEvent } from '../../model/application-events.ts'

/** The activities that publish for workflows. The name is the activity's type in Temporal. */
export interface PublishActivities {
  publishEvent(event: ApplicationEvent): Promise<void>
}

export const PUBLISH_ACTIVITY: keyof PublishActivities = 'publishEvent'
