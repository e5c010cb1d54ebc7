import { eventEncryption, HttpEventStore } from '../../src/client/index.ts'
import { startTestService } from '../support/service.ts'
import { describeEventStore } from './event-store-contract.ts'

const KEY = new Uint8Array(32).fill(7)

describeEventStore(
  'through HTTP with an encryption, with the history in PostgreSQL',
  async (codec) => {
    const service = await startTestService({ history: 'postgres' })
    const keyIdOf = ({ conversation_id }: { conversation_id: string }) => `of ${conversation_id}`.slice(0, 256)
    const encryption = () => eventEncryption({ keyIdOf, keyOf: () => KEY })
    return {
      open: () => new HttpEventStore({ url: service.url, codec, encryption: encryption() }),
      close: () => service.stop(),
    }
  },
  { spellingCounts: true },
)
