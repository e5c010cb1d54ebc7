export { HttpEventStore, type HttpEventStoreOptions } from './http-event-store.ts'
