import { describe, expect, it } from 'vitest'
import {
  createEventStore,
  EventStoreConfigurationError,
  type EventStoreEnvironment,
  InMemoryEventStore,
  PostgresEventStore,
} from '../../src/store/index.ts'
import { eventText } from '../support/events.ts'

const DATABASE_URL = 'postgresql://writer:open-sesame@ep-example.neon.tech/events'

describe('createEventStore', () => {
  it.each<[string, EventStoreEnvironment]>([
    ['an empty environment', {}],
    ['an empty ENVIRONMENT', { ENVIRONMENT: '' }],
    ['development', { ENVIRONMENT: 'development' }],
    ['test', { ENVIRONMENT: 'test' }],
    ['development with a database', { ENVIRONMENT: 'development', DATABASE_URL }],
    ['no ENVIRONMENT but a database', { DATABASE_URL }],
  ])('gives the store in memory for %s', (_, environment) => {
    expect(createEventStore(environment)).toBeInstanceOf(InMemoryEventStore)
  })

  it('gives a store in memory that records and reads', async () => {
    const store = createEventStore({ ENVIRONMENT: 'development' })
    await store.recordEvents([JSON.parse(eventText({ conversation: 'c', id: 'e' }))])
    expect((await store.getConversationEvents('c')).map((event) => event.event_id)).toEqual(['e'])
  })

  it('gives the store on PostgreSQL for production', () => {
    expect(createEventStore({ ENVIRONMENT: 'production', DATABASE_URL })).toBeInstanceOf(PostgresEventStore)
  })

  it.each(['Production', 'prod', 'staging', 'production '])(
    'refuses the ENVIRONMENT %j, and says which there are',
    (ENVIRONMENT) => {
      const create = () => createEventStore({ ENVIRONMENT, DATABASE_URL })
      expect(create).toThrow(EventStoreConfigurationError)
      expect(create).toThrow(/"production", "development" or "test"/)
    },
  )

  it.each(['localhost', 'localhost:5432', '127.0.0.1', '10.0.0.7:5432', '[::1]:5432', 'postgres'])(
    'refuses the host %s, which is never Neon’s, unless told where SQL over HTTP is served for it',
    (host) => {
      const url = `postgresql://user:open-sesame@${host}/graphite_events`
      const create = (more: EventStoreEnvironment) => () =>
        createEventStore({ ENVIRONMENT: 'production', DATABASE_URL: url, ...more })
      for (const more of [{}, { NEON_FETCH_ENDPOINT: '' }]) {
        expect(create(more)).toThrow(EventStoreConfigurationError)
        expect(create(more)).toThrow(/NEON_FETCH_ENDPOINT/)
        expect(create(more)).not.toThrow(/open-sesame/)
      }
      const direct = () => new PostgresEventStore({ databaseUrl: url, tenant: 'default' })
      expect(direct).toThrow(TypeError)
      expect(direct).toThrow(/fetchEndpoint/)
      expect(create({ NEON_FETCH_ENDPOINT: 'http://127.0.0.1:4444/sql' })()).toBeInstanceOf(PostgresEventStore)
    },
  )

  it.each([
    ['absent', {}],
    ['empty', { DATABASE_URL: '' }],
  ])('refuses production where DATABASE_URL is %s, and says what to set', (_, database) => {
    const create = () => createEventStore({ ENVIRONMENT: 'production', ...database })
    expect(create).toThrow(EventStoreConfigurationError)
    expect(create).toThrow(/set it to the connection string.*ENVIRONMENT=development/)
  })

  it('refuses a DATABASE_URL that is no connection string without repeating it', () => {
    const url = 'writer:open-sesame@ep-example.neon.tech'
    let thrown: unknown
    try {
      createEventStore({ ENVIRONMENT: 'production', DATABASE_URL: url })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(EventStoreConfigurationError)
    expect(String(thrown)).toContain('DATABASE_URL')
    for (let error = thrown; error instanceof Error; error = error.cause) expect(error.stack).not.toContain('open-sesame')
  })
})
