import type { AgentEvent } from '../model/agent-events.ts'
import { isDatabaseUrl, isNeverNeon } from '../model/database-url.ts'
import type { EventStore } from '../model/event-store.ts'
import type { EventStoreOptions } from '../model/event-store-base.ts'
import { InMemoryEventStore } from './in-memory/event-store.ts'
import { PostgresEventStore } from './postgres/event-store.ts'

export interface EventStoreEnvironment {
  /** `production` needs a database; `development`, `test` or nothing does without. */
  readonly ENVIRONMENT?: string | undefined
  readonly DATABASE_URL?: string | undefined
  /** Where SQL over HTTP is spoken, when it is not Neon's own address. */
  readonly NEON_FETCH_ENDPOINT?: string | undefined
  /** Whose events these are; default `default`. */
  readonly TENANT?: string | undefined
}

/** The environment asks for a store that its settings do not allow. The message says what to set. */
export class EventStoreConfigurationError extends Error {
  override readonly name = 'EventStoreConfigurationError'
  readonly tag = 'event-store-configuration'
}

/**
 * The store that the environment asks for: PostgreSQL in production, in memory else.
 * Throws `EventStoreConfigurationError` for another `ENVIRONMENT`, and in production without a usable `DATABASE_URL`, rather than
 * forget what it is given.
 */
export function createEventStore<Custom extends object = AgentEvent>(
  environment: EventStoreEnvironment,
  options: EventStoreOptions<Custom> = {},
): EventStore<Custom> {
  const { ENVIRONMENT, DATABASE_URL: databaseUrl, NEON_FETCH_ENDPOINT, TENANT } = environment
  if (IN_MEMORY.includes(ENVIRONMENT || 'development')) return new InMemoryEventStore<Custom>(options)
  const wrong = (message: string) => new EventStoreConfigurationError(message)
  if (ENVIRONMENT !== 'production') {
    throw wrong('ENVIRONMENT must be "production", "development" or "test"; without it the store is in memory.')
  }
  if (!databaseUrl) {
    throw wrong(
      'DATABASE_URL is required in production: set it to the connection string of the Neon database, or set ENVIRONMENT=development for a store in memory.',
    )
  }
  if (!isDatabaseUrl(databaseUrl)) {
    throw wrong(
      'DATABASE_URL has the wrong form: set it to a connection string such as postgresql://user:password@host/database.',
    )
  }
  const fetchEndpoint = NEON_FETCH_ENDPOINT || undefined
  if (fetchEndpoint === undefined && isNeverNeon(databaseUrl)) {
    throw wrong(
      "DATABASE_URL names a host that is not Neon's: set NEON_FETCH_ENDPOINT to where Neon's SQL over HTTP is served for it (fetchEndpoint), or set ENVIRONMENT=development for a store in memory.",
    )
  }
  return new PostgresEventStore<Custom>({ ...options, databaseUrl, fetchEndpoint, tenant: TENANT || 'default' })
}

const IN_MEMORY = ['development', 'test']
