import type { ConversationEnv, ConversationObject } from './conversation/conversation-object.ts'
import { LOG_LEVELS, type LogLevel } from './model/log.ts'
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
  /** The least urgent lines that are logged. */
  readonly LOG_LEVEL?: string
  /** Takes the JSON texts of calls to Segment; nothing is sent there without `SEGMENT_WRITE_KEY`. */
  readonly SEGMENT_EVENTS: Queue<string>
  /** Secret: the write key of the Segment source that gets the lifecycle events. */
  readonly SEGMENT_WRITE_KEY?: string
  /** Origin of the region's Segment API, when it is not the American one. */
  readonly SEGMENT_HOST?: string
}

export interface Configuration {
  readonly environment: 'development' | 'production'
  readonly databaseUrl: string | null
  readonly fetchEndpoint: string | null
  readonly apiKey: string | null
  /** How long a full page stays in the edge cache; 0 turns the cache off. */
  readonly pageCacheSeconds: number
  readonly logLevel: LogLevel
  /** Null where lifecycle events do not go to Segment. `host` is an origin, without a slash at its end. */
  readonly segment: { readonly writeKey: string; readonly host: string } | null
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  /** What is wrong and what to do, a sentence each. Names settings, never their values. */
  | { readonly ok: false; readonly problems: readonly string[] }

/** A key shorter than this can be guessed. */
const MIN_API_KEY_LENGTH = 32

const SEGMENT_HOST = 'https://api.segment.io'

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
  const logLevel = LOG_LEVELS.find((level) => level === (env.LOG_LEVEL || 'info'))
  if (!logLevel) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`)
  const segmentHost = readOrigin(env.SEGMENT_HOST || SEGMENT_HOST)
  if (segmentHost === null)
    problems.push('SEGMENT_HOST must be an address such as https://events.eu1.segmentapis.com, without a path.')
  const segmentKey = env.SEGMENT_WRITE_KEY || null
  if (segmentKey !== null && !WRITE_KEY.test(segmentKey))
    problems.push('SEGMENT_WRITE_KEY must be letters, digits and signs other than a colon, without spaces.')

  if (problems.length > 0 || !logLevel || (environment !== 'development' && environment !== 'production'))
    return { ok: false, problems }
  return {
    ok: true,
    configuration: {
      environment,
      databaseUrl,
      fetchEndpoint: env.NEON_FETCH_ENDPOINT || null,
      apiKey,
      pageCacheSeconds,
      logLevel,
      segment: segmentKey === null || segmentHost === null ? null : { writeKey: segmentKey, host: segmentHost },
    },
  }
}

/** What a name may hold in Basic authentication. */
const WRITE_KEY = /^[!-9;-~]+$/

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The origin of an address that has nothing else; null for any other. In the clear the key goes no further than this machine. */
function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { protocol, hostname, origin, href } = new URL(text)
  if (href !== `${origin}/`) return null
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname)) ? origin : null
}

function isPostgresUrl(text: string): boolean {
  return URL.canParse(text) && /^postgres(ql)?:$/.test(new URL(text).protocol)
}
