import { HttpEventStore } from '../../src/client/index.ts'
import { startTestService } from '../support/service.ts'
import { describeEventStore } from './event-store-contract.ts'

describeEventStore(
  'through HTTP and a buffer, with the history in memory',
  async (codec) => {
    const service = await startTestService({ history: 'in-memory' })
    return {
      open: () => new HttpEventStore({ url: service.url, codec, buffer: true }),
      close: () => service.stop(),
    }
  },
  { keepsOrder: true },
)
