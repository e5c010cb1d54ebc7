import type { ConversationEnv, ConversationObject } from './conversation/conversation-object.ts'
import type { DevelopmentHistory } from './store/in-memory/development-history.ts'

/** What `wrangler.toml` and the deployment's secrets give the Worker. */
export interface Bindings extends ConversationEnv {
  readonly CONVERSATIONS: DurableObjectNamespace<ConversationObject>
  readonly DEVELOPMENT_HISTORY: DurableObjectNamespace<DevelopmentHistory>
  /** The pages that ship with the Worker. */
  readonly ASSETS: Fetcher
  readonly ENVIRONMENT: string
  /** Secret: the connection string of the Neon database. */
  readonly DATABASE_URL?: string
  /** Where SQL over HTTP is spoken, when it is not Neon's own address: the local gateway. */
  readonly NEON_FETCH_ENDPOINT?: string
  /** Secret: the key that clients send as `Authorization: Bearer`. */
  readonly API_KEY?: string
  readonly PAGE_CACHE_SECONDS: string
}

export interface Configuration {
  readonly environment: 'development' | 'production'
  readonly databaseUrl: string | null
  readonly fetchEndpoint: string | null
  readonly apiKey: string | null
  /** How long a full page stays in the edge cache; 0 turns the cache off. */
  readonly pageCacheSeconds: number
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  /** What is wrong and what to do, a sentence each. Names settings, never their values. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** A key shorter than this can be guessed. */
const MIN_API_KEY_LENGTH = 32

/** Checks the settings. In production the store refuses to serve without a database or without a key. */
export function readConfiguration(env: Bindings): ConfigurationResult {
  const problems: string[] = []
  const environment = env.ENVIRONMENT
  if (environment !== 'development' && environment !== 'production') {
    problems.push('ENVIRONMENT must be "development" or "production".')
  }
  const databaseUrl = env.DATABASE_URL || null
  if (databaseUrl !== null && !isPostgresUrl(databaseUrl)) {
    problems.push('DATABASE_URL must be a connection string such as postgresql://user:password@host/database.')
  }
  const apiKey = env.API_KEY || null
  if (environment === 'production') {
    if (databaseUrl === null)
      problems.push('DATABASE_URL is required in production: set it with `npx wrangler secret put DATABASE_URL`.')
    if (apiKey === null) problems.push('API_KEY is required in production: set it with `npx wrangler secret put API_KEY`.')
  }
  if (apiKey !== null && apiKey.length < MIN_API_KEY_LENGTH) {
    problems.push(`API_KEY must have at least ${MIN_API_KEY_LENGTH} characters.`)
  }
  const pageCacheSeconds = Number(env.PAGE_CACHE_SECONDS)
  if (!Number.isInteger(pageCacheSeconds) || pageCacheSeconds < 0)
    problems.push('PAGE_CACHE_SECONDS must be a whole number of seconds.')
  const retention = Number(env.HOT_RETENTION_SECONDS)
  if (!Number.isInteger(retention) || retention < 1)
    problems.push('HOT_RETENTION_SECONDS must be a whole number of seconds, at least 1.')

  if (problems.length > 0 || (environment !== 'development' && environment !== 'production')) return { ok: false, problems }
  return {
    ok: true,
    configuration: { environment, databaseUrl, fetchEndpoint: env.NEON_FETCH_ENDPOINT || null, apiKey, pageCacheSeconds },
  }
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}
