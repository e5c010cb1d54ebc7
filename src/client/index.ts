export { ConflictingEventsError, WrongExpectedSeqError } from '../model/conflict-errors.ts'
export * from '../model/public.ts'
export type { ExchangeOptions } from './exchange.ts'
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
export type { ApiKey } from './token.ts'
