export { EventPersistenceError } from '../../model/errors.ts'
export type { EventGraph } from '../../model/event-graph.ts'
export type { RequestSummary, UnfinishedInvoke } from '../../model/request-summary.ts'
export type { RetryOptions } from '../../model/retry.ts'
export type { Conversation, ConversationList } from '../../protocol/answers.ts'
export type {
  Activity,
  ActivityPoint,
  AssistantActivity,
  AssistantsActivity,
  UnfinishedPage,
  UnfinishedRequest,
} from '../../protocol/monitor-answers.ts'
export type { ExchangeOptions } from '../exchange.ts'
export type { ApiKey } from '../token.ts'
export {
  type ActivityOptions,
  type ConversationsOptions,
  EventMonitor,
  type EventMonitorOptions,
  type MonitorRange,
  type UnfinishedOptions,
  type UnfinishedPageOptions,
} from './event-monitor.ts'
