import { migrate } from '../../src/local/migrate.ts'
import { PostgresEventStore } from '../../src/store/postgres/event-store.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { directLogin } from '../support/roles.ts'
import { describeEventStore } from './event-store-contract.ts'

describeEventStore('on PostgreSQL', async (codec) => {
  const database = await startTestDatabase()
  await migrate({ databaseUrl: database.databaseUrl, log: () => {} })
  const { fetchEndpoint } = database
  const databaseUrl = await directLogin(database.databaseUrl)
  return {
    open: () => new PostgresEventStore({ databaseUrl, fetchEndpoint, tenant: 'default', codec }),
    close: () => database.stop(),
  }
})
