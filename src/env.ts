import type { ConversationEnv, ConversationObject } from './conversation/conversation-object.ts'
import type { Notice } from './conversation/rpc.ts'
import type { FeedObject } from './feed/feed-object.ts'
import type { AuditEntry } from './model/audit.ts'
import { isDatabaseUrl, isNeverNeon } from './model/database-url.ts'
import { hotRetentionSeconds } from './model/hot-retention.ts'
import { LOG_LEVELS, type LogLevel } from './model/log.ts'
import { isRetentionDays } from './model/retention.ts'
import type { RetentionTurn } from './retention/retain.ts'
import type { JwtSettings } from './security/jwt-settings.ts'
import type { DevelopmentHistory } from './store/in-memory/development-history.ts'

/** What `wrangler.toml` and the deployment's secrets give the Worker. */
export interface Bindings extends ConversationEnv {
  readonly NOTICES: Queue<Notice | RetentionTurn>
  readonly CONVERSATIONS: DurableObjectNamespace<ConversationObject>
  /** The objects that tell live feeds of news. */
  readonly FEEDS: DurableObjectNamespace<FeedObject>
  readonly DEVELOPMENT_HISTORY: DurableObjectNamespace<DevelopmentHistory>
  /** The pages that ship with the Worker. */
  readonly ASSETS: Fetcher
  readonly ENVIRONMENT?: string
  /** Secret: the connection string of the Neon database. */
  readonly DATABASE_URL?: string
  /** Secret: the same database with the role that erases and makes partitions; `DATABASE_URL` when it is not set. */
  readonly MAINTENANCE_DATABASE_URL?: string
  /** Where SQL over HTTP is spoken, when it is not Neon's own address: the local gateway. */
  readonly NEON_FETCH_ENDPOINT?: string
  /** Whose tokens are taken beside API keys: `iss`, `aud`, and where the public keys are. All three, or none. */
  readonly JWT_ISSUER?: string
  readonly JWT_AUDIENCE?: string
  readonly JWT_JWKS_URL?: string
  /** The claims that name the tenant and the scopes. */
  readonly JWT_TENANT_CLAIM?: string
  readonly JWT_SCOPE_CLAIM?: string
  /** Counts the requests of a credential. Without it there is no limit. */
  readonly RATE_LIMITER?: RateLimit
  /** Counts an address's attempts to authenticate that were refused or cost a query. Without it there is no limit. */
  readonly CREDENTIAL_LIMITER?: RateLimit
  /** Origins, separated by commas, whose pages may call the service. */
  readonly CORS_ORIGINS?: string
  readonly PAGE_CACHE_SECONDS?: string
  /** Days that events stay; for ever where it is not set. */
  readonly RETENTION_DAYS?: string
  /** Where events are written before they go; without it they are nowhere afterwards. */
  readonly ARCHIVE?: R2Bucket
  /** The least urgent lines that are logged. */
  readonly LOG_LEVEL?: string
  /** Takes the JSON texts of calls to Segment; nothing is sent there without `SEGMENT_WRITE_KEY`. */
  readonly SEGMENT_EVENTS: Queue<string>
  /** Takes entries of the audit log on their way to the database. */
  readonly AUDIT: Queue<AuditEntry>
  /** Secret: the write key of the Segment source that gets the lifecycle events. */
  readonly SEGMENT_WRITE_KEY?: string
  /** Origin of the region's Segment API, when it is not the American one. */
  readonly SEGMENT_HOST?: string
}

export interface Configuration {
  readonly environment: 'development' | 'production'
  readonly databaseUrl: string | null
  /** The same as `databaseUrl` where one role does all. */
  readonly maintenanceUrl: string | null
  readonly fetchEndpoint: string | null
  /** Null where tokens are not taken. */
  readonly jwt: JwtSettings | null
  /** Whose pages may call the service, as browsers write them in `Origin`. */
  readonly corsOrigins: readonly string[]
  /** How long a full page stays in the edge cache; 0 turns the cache off. */
  readonly pageCacheSeconds: number
  /** Null: events stay for ever. */
  readonly retentionDays: number | null
  readonly logLevel: LogLevel
  /** Null where lifecycle events do not go to Segment. `host` is an origin, without a slash at its end. */
  readonly segment: { readonly writeKey: string; readonly host: string } | null
  /** Why lifecycle events do not go to Segment although they should; the store serves without. */
  readonly segmentFault: string | null
}

export type ConfigurationResult =
  | { readonly ok: true; readonly configuration: Configuration }
  /** What is wrong and what to do, a sentence each. Names settings, never their values. */
  | { readonly ok: false; readonly problems: readonly string[] }

const SEGMENT_HOST = 'https://api.segment.io'
const PAGE_CACHE_SECONDS = 60

type SettingName = { [Name in keyof Bindings]-?: Bindings[Name] extends string | undefined ? Name : never }[keyof Bindings]

/** A setting's text; null where it is absent or empty. */
type Settings = (name: SettingName) => string | null

/** Checks the settings. In production the store refuses to serve without a database. Whether there are keys only that can tell. */
export function readConfiguration(env: Bindings): ConfigurationResult {
  // White space around one is of the way that it was set, such as `echo ... | wrangler secret put`; wrangler.toml may have numbers.
  const setting: Settings = (name) => String(env[name] ?? '').trim() || null
  const problems: string[] = []
  const environment = setting('ENVIRONMENT') ?? 'development'
  if (environment !== 'development' && environment !== 'production') {
    problems.push('ENVIRONMENT must be "development" or "production".')
  }
  const databaseUrl = setting('DATABASE_URL')
  if (databaseUrl !== null && !isDatabaseUrl(databaseUrl)) {
    problems.push('DATABASE_URL must be a connection string such as postgresql://user:password@host/database.')
  }
  const maintenanceUrl = setting('MAINTENANCE_DATABASE_URL') ?? databaseUrl
  if (maintenanceUrl !== null && maintenanceUrl !== databaseUrl && !isDatabaseUrl(maintenanceUrl)) {
    problems.push('MAINTENANCE_DATABASE_URL must be a connection string such as postgresql://user:password@host/database.')
  }
  if (maintenanceUrl !== null && databaseUrl === null)
    problems.push('MAINTENANCE_DATABASE_URL is set without DATABASE_URL: set both, or neither.')
  if (environment === 'production') {
    if (databaseUrl === null)
      problems.push('DATABASE_URL is required in production: set it with `npx wrangler secret put DATABASE_URL`.')
  }
  const fetchEndpoint = setting('NEON_FETCH_ENDPOINT')
  if (fetchEndpoint !== null && !isSafeUrl(fetchEndpoint))
    problems.push('NEON_FETCH_ENDPOINT must be an https address, or one of this machine: what is sent there holds the password.')
  const isElsewhere = [databaseUrl, maintenanceUrl].some((url) => url !== null && isDatabaseUrl(url) && isNeverNeon(url))
  if (fetchEndpoint === null && isElsewhere)
    problems.push("A database's host is not Neon's: set NEON_FETCH_ENDPOINT to where Neon's SQL over HTTP is served for it.")
  const jwt = readJwt(setting, problems)
  const corsOrigins = (setting('CORS_ORIGINS') ?? '')
    .split(',')
    .map((origin) => origin.trim())
    .filter((origin) => origin !== '')
  if (!corsOrigins.every((origin) => readOrigin(origin) === origin && !origin.includes('*')))
    problems.push(
      'CORS_ORIGINS must be origins separated by commas, such as https://app.example.com, without paths or wildcards.',
    )
  const pageCacheSeconds = Number(setting('PAGE_CACHE_SECONDS') ?? PAGE_CACHE_SECONDS)
  if (!Number.isInteger(pageCacheSeconds) || pageCacheSeconds < 0)
    problems.push('PAGE_CACHE_SECONDS must be a whole number of seconds.')
  const retention = hotRetentionSeconds(env.HOT_RETENTION_SECONDS)
  if (!Number.isInteger(retention) || retention < 1)
    problems.push('HOT_RETENTION_SECONDS must be a whole number of seconds, at least 1.')
  const days = setting('RETENTION_DAYS')
  const retentionDays = days === null ? null : Number(days)
  if (retentionDays !== null && !isRetentionDays(retentionDays))
    problems.push('RETENTION_DAYS must be a whole number of days from 1 to 36500, or empty: then events stay for ever.')
  const logLevel = LOG_LEVELS.find((level) => level === (setting('LOG_LEVEL') ?? 'info'))
  if (!logLevel) problems.push(`LOG_LEVEL must be one of ${LOG_LEVELS.join(', ')}.`)

  if (problems.length > 0 || !logLevel || (environment !== 'development' && environment !== 'production'))
    return { ok: false, problems }
  return {
    ok: true,
    configuration: {
      environment,
      databaseUrl,
      maintenanceUrl,
      fetchEndpoint,
      jwt,
      corsOrigins,
      pageCacheSeconds,
      retentionDays,
      logLevel,
      ...readSegment(setting),
    },
  }
}

function readSegment(setting: Settings): Pick<Configuration, 'segment' | 'segmentFault'> {
  const writeKey = setting('SEGMENT_WRITE_KEY')
  if (writeKey === null) return { segment: null, segmentFault: null }
  const host = readOrigin(setting('SEGMENT_HOST') ?? SEGMENT_HOST)
  const faults = [
    ...(WRITE_KEY.test(writeKey)
      ? []
      : ['SEGMENT_WRITE_KEY must be letters, digits and signs other than a colon, without spaces.']),
    ...(host === null ? ['SEGMENT_HOST must be an address such as https://events.eu1.segmentapis.com, without a path.'] : []),
  ]
  return host === null || faults.length > 0
    ? { segment: null, segmentFault: faults.join(' ') }
    : { segment: { writeKey, host }, segmentFault: null }
}

/** Null where nothing of it is set, or something of it is wrong. */
function readJwt(setting: Settings, problems: string[]): JwtSettings | null {
  const [issuer, audience, jwksUrl] = [setting('JWT_ISSUER'), setting('JWT_AUDIENCE'), setting('JWT_JWKS_URL')]
  if (issuer === null && audience === null && jwksUrl === null) return null
  if (issuer === null || audience === null || jwksUrl === null) {
    problems.push('JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL belong together: set all three, or none.')
    return null
  }
  if (!isSafeUrl(jwksUrl)) {
    problems.push('JWT_JWKS_URL must be an https address such as https://issuer.example.com/.well-known/jwks.json.')
    return null
  }
  const [tenantClaim, scopeClaim] = [setting('JWT_TENANT_CLAIM') ?? 'tenant', setting('JWT_SCOPE_CLAIM') ?? 'scope']
  return { issuer, audience, jwksUrl, tenantClaim, scopeClaim }
}

/** What a name may hold in Basic authentication. */
const WRITE_KEY = /^[!-9;-~]+$/

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** The origin of an address that has nothing else; null for any other. In the clear the key goes no further than this machine. */
function readOrigin(text: string): string | null {
  if (!URL.canParse(text)) return null
  const { origin, href } = new URL(text)
  return href === `${origin}/` && isSafeUrl(text) ? origin : null
}

/** Encrypted on its way, or not on its way to anywhere. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname))
}
