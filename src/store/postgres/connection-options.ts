import type { RetryOptions } from '../../model/retry.ts'

/** Apart from what uses Drizzle, whose declarations do not compile in an application without `skipLibCheck`. */
export interface ConnectionOptions {
  readonly databaseUrl: string
  /** Where SQL over HTTP is served; default: what Neon's driver derives from the host. Holds for this connection only. */
  readonly fetchEndpoint?: string | undefined
  /** One attempt, in ms. Long operations have times of their own. Default 15 seconds. */
  readonly timeoutMs?: number | undefined
  /** Of what failed for want of the database. Default: 3 tries within about 10 seconds. */
  readonly retry?: RetryOptions | undefined
}
