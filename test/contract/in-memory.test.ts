import { eventEncryption } from '../../src/model/event-encryption.ts'
import { InMemoryEventStore } from '../../src/store/in-memory/event-store.ts'
import { describeEventStore, type OwnEvent } from './event-store-contract.ts'

describeEventStore(
  'in memory',
  async (codec) => {
    const store = new InMemoryEventStore<OwnEvent>({ codec })
    return { open: () => store, close: async () => {} }
  },
  { keepsOrder: true },
)

describeEventStore(
  'in memory, with an encryption',
  async (codec) => {
    const encryption = eventEncryption({ keyIdOf: () => 'k', keyOf: () => new Uint8Array(32) })
    const store = new InMemoryEventStore<OwnEvent>({ codec, encryption })
    return { open: () => store, close: async () => {} }
  },
  { spellingCounts: true, keepsOrder: true },
)
