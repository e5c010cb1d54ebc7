import { PostgresEventStore } from '../../src/store/postgres/event-store.ts'
import { startTestDatabase } from '../support/postgres.ts'
import { directLogin } from '../support/roles.ts'
import { describeEventStore } from './event-store-contract.ts'

describeEventStore('on PostgreSQL', async (codec) => {
  const database = await startTestDatabase()
  const { fetchEndpoint } = database
  const databaseUrl = await directLogin(database.databaseUrl)
  return {
    open: () => new PostgresEventStore({ databaseUrl, fetchEndpoint, tenant: 'default', codec }),
    close: () => database.stop(),
  }
})
