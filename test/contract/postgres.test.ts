import { migrate } from '../../src/local/migrate.ts'
import { PostgresEventStore } from '../../src/store/postgres/event-store.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { describeEventStore } from './event-store-contract.ts'

describeEventStore('on PostgreSQL', async (codec) => {
  const database = await startTestDatabase()
  await migrate({ databaseUrl: database.databaseUrl, log: () => {} })
  const { databaseUrl, fetchEndpoint } = database
  return {
    open: () => new PostgresEventStore({ databaseUrl, fetchEndpoint, tenant: 'default', codec }),
    close: () => database.stop(),
  }
})
