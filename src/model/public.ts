/*
 * What applications use with any store: its interface, and what makes events, tells them apart and makes something of those
 * read. The package offers all of it, with the stores and with the client.
 */
export type { AgentEvent, AgentEventOf, EventEnvelope } from './agent-events.ts'
export { type Anonymiser, anonymiser } from './anonymiser.ts'
export { type EventClass, EventCodec, type EventCodecOptions, eventClass } from './codec.ts'
export {
  type ConversationMessagesOptions,
  conversationMessages,
} from './conversation-messages.ts'
export { EventPersistenceError, type PersistenceFailure } from './errors.ts'
export {
  type DecryptedText,
  type EncryptedEvent,
  type EncryptedText,
  type EventEncryption,
  type EventEncryptionOptions,
  eventEncryption,
} from './event-encryption.ts'
export {
  type EventGuard,
  type FailedEventType,
  isAnyFailed,
  isAnyTopicEvent,
  isAssistantFailed,
  isAssistantInvoke,
  isAssistantRespond,
  isConsumeFromTopic,
  isNodeFailed,
  isNodeInvoke,
  isNodeRespond,
  isOutputTopic,
  isPublishToTopic,
  isStreamTopicEvent,
  isToolFailed,
  isToolInvoke,
  isToolRespond,
  isTopicEvent,
  isWorkflowFailed,
  isWorkflowInvoke,
  isWorkflowRespond,
} from './event-guards.ts'
export type { CallOptions, ConversationRange, EventStore, RecordResult } from './event-store.ts'
export type { EventStoreOptions } from './event-store-base.ts'
export type { AgentEventType } from './event-types.ts'
export { InvalidEventError, type InvalidEventIssue } from './invalid-event-error.ts'
export { invokeContext, type NewInvokeContext, type RunContext } from './invoke-context.ts'
export { isRawJson, type JsonObject, type JsonValue, parseJson, type RawJson, stringifyJson } from './json.ts'
export { type Message, type MessageContent, type MessageRole, message, type NewMessage, type ToolCall } from './message.ts'
export { monitorAssistant } from './monitor-assistant.ts'
export type { EndOf, Failure, NewInvoke } from './new-component-event.ts'
export {
  assistantFailed,
  assistantInvoke,
  assistantRespond,
  type NewAssistantFailed,
  type NewAssistantInvoke,
  type NewAssistantRespond,
  type NewNodeFailed,
  type NewNodeInvoke,
  type NewNodeRespond,
  type NewToolFailed,
  type NewToolInvoke,
  type NewToolRespond,
  type NewWorkflowFailed,
  type NewWorkflowInvoke,
  type NewWorkflowRespond,
  nodeFailed,
  nodeInvoke,
  nodeRespond,
  toolFailed,
  toolInvoke,
  toolRespond,
  workflowFailed,
  workflowInvoke,
  workflowRespond,
} from './new-component-events.ts'
export { customEvent, type NewCustomEvent } from './new-custom-event.ts'
export type { NewEvent } from './new-event.ts'
export {
  consumeFromTopic,
  type NewConsumeFromTopic,
  type NewPublishToTopic,
  type NewTopicEvent,
  outputTopic,
  publishToTopic,
  streamTopicEvent,
  type TopicType,
  topicEvent,
} from './new-topic-events.ts'
export { rebuildState } from './rebuild-state.ts'
export type { FamilyDurations, RequestSummary, UnfinishedInvoke } from './request-summary.ts'
export type { RetryOptions } from './retry.ts'
export type { StoredEvent } from './stored-event.ts'
