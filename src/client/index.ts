export type { AgentEvent, AgentEventOf, EventEnvelope } from '../model/agent-events.ts'
export { type EventClass, EventCodec, type EventCodecOptions, eventClass } from '../model/codec.ts'
export { ConflictingEventsError, WrongExpectedSeqError } from '../model/conflict-errors.ts'
export { EventPersistenceError, type PersistenceFailure } from '../model/errors.ts'
export type { CallOptions, ConversationRange, EventStore, RecordResult } from '../model/event-store.ts'
export type { EventStoreOptions } from '../model/event-store-base.ts'
export type { AgentEventType } from '../model/event-types.ts'
export { InvalidEventError, type InvalidEventIssue } from '../model/invalid-event-error.ts'
export * from '../model/public.ts'
export { HttpEventStore, type HttpEventStoreOptions } from './http-event-store.ts'
export type {
  BufferOptions,
  LiveConversationOptions,
  LiveEventsOptions,
  LiveOptions,
  ReadAssistantRequestOptions,
  ReadConversationOptions,
  ReadEventsOptions,
  RecordOptions,
} from './options.ts'
export * from './publishing/index.ts'
export type { RetryOptions, Timing } from './retry.ts'
export type { ApiKey } from './token.ts'
