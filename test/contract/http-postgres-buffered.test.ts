import { HttpEventStore } from '../../src/client/index.ts'
import { startTestService } from '../support/service.ts'
import { describeEventStore } from './event-store-contract.ts'

describeEventStore(
  'through HTTP and a buffer, with the history in PostgreSQL',
  async (codec) => {
    const service = await startTestService({ history: 'postgres' })
    return {
      open: () => new HttpEventStore({ url: service.url, codec, buffer: { maxDelayMs: 1, maxEvents: 10 } }),
      close: () => service.stop(),
    }
  },
  { keepsOrder: true },
)
