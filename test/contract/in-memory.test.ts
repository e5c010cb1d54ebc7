import { InMemoryEventStore } from '../../src/store/in-memory/event-store.ts'
import { describeEventStore, type OwnEvent } from './event-store-contract.ts'

describeEventStore('in memory', async (codec) => {
  const store = new InMemoryEventStore<OwnEvent>({ codec })
  return { open: () => store, close: async () => {} }
})
