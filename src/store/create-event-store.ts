import type { AgentEvent } from '../model/agent-events.ts'
import type { EventStore } from '../model/event-store.ts'
import type { EventStoreOptions } from '../model/event-store-base.ts'
import { InMemoryEventStore } from './in-memory/event-store.ts'
import { PostgresEventStore } from './postgres/event-store.ts'

export interface EventStoreEnvironment {
  /** `production` needs a database; anything else, or nothing, is development. */
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
 * Throws `EventStoreConfigurationError` in production without a usable `DATABASE_URL`, rather than forget what it is given.
 */
export function createEventStore<Custom extends object = AgentEvent>(
  environment: EventStoreEnvironment,
  options: EventStoreOptions<Custom> = {},
): EventStore<Custom> {
  if (environment.ENVIRONMENT !== 'production') return new InMemoryEventStore<Custom>(options)
  if (!environment.DATABASE_URL) {
    throw new EventStoreConfigurationError(
      'DATABASE_URL is required in production: set it to the connection string of the Neon database, or set ENVIRONMENT=development for a store in memory.',
    )
  }
  try {
    return new PostgresEventStore<Custom>({
      ...options,
      databaseUrl: environment.DATABASE_URL,
      fetchEndpoint: environment.NEON_FETCH_ENDPOINT,
      tenant: environment.TENANT ?? 'default',
    })
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause
    throw new EventStoreConfigurationError(
      'DATABASE_URL has the wrong form: set it to a connection string such as postgresql://user:password@host/database.',
      { cause },
    )
  }
}
