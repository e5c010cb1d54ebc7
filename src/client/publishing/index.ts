export type { ApplicationEvent, EventMetadata } from '../../model/application-events.ts'
export { type AsyncContext, asyncContext, type ContextStorage } from './async-context.ts'
export { getTopicName } from './enrich-metadata.ts'
export { ApplicationEventNames, EventTypes, WorkflowStates } from './event-names.ts'
export {
  type Enriched,
  EventPublisher,
  type EventPublisherEnvironment,
  type EventPublisherOptions,
  type PublishOptions,
} from './event-publisher.ts'
export type { ActivityExecution, ContextProvider, ExecutionContext, WorkflowExecution } from './execution-context.ts'
export { type LifecycleTracking, type LifecycleTrackingOptions, lifecycleTracking } from './lifecycle-tracking.ts'
