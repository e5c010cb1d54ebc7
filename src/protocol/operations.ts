/** Every operation of the HTTP API, by the name that its route has. */

export * from './operations/administration.ts'
export * from './operations/conversations.ts'
export * from './operations/live.ts'
export * from './operations/monitor.ts'
export type { Operation } from './operations/operation.ts'
export * from './operations/probes.ts'
export * from './operations/reading.ts'
export * from './operations/recording.ts'
