import { dirname } from 'node:path'
import { convertV4MiniflareOptions, type Json, Log, LogLevel, Miniflare, type V4WorkerOptionsShape } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'
import { serveParent } from './child.ts'

/** What `services.ts` sends to this process. */
export interface ServeRequest {
  readonly configPath: string
  /** The built Worker. */
  readonly scriptPath: string
  /** Where its objects keep their storage. */
  readonly storageDir: string
  readonly vars: Record<string, string>
}

/** The load generator stands for more callers than one: it is counted like each of them, and never refused. */
const NO_LIMIT = 1_000_000_000

/*
 * Serves one built Worker in a process of its own, so that handling its output does not take turns with the load. Its
 * address goes to the parent.
 *
 * The socket leads straight to the Worker: Wrangler's development proxies, which answer a few hundred requests a second,
 * would be all that a benchmark sees.
 */
serveParent(async ({ configPath, scriptPath, storageDir, vars }: ServeRequest) => {
  const { workerOptions } = readWorkerOptions(configPath)
  const { bindings, assets: _assets, modulesRules: _rules, ratelimits, ...options } = workerOptions
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
      ratelimits: Object.fromEntries(
        Object.entries((ratelimits ?? {}) as RateLimits).map(([name, one]) => [name, unlimited(one)]),
      ),
      bindings: { ...(bindings as Record<string, Json>), ...vars },
      modules: true,
      rootPath: dirname(scriptPath),
      scriptPath,
      resourcePersistencePath: storageDir,
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      log: new Log(LogLevel.NONE),
      logRequests: false,
      handleStructuredLogs: () => undefined,
      cf: false,
    }),
  )
  return { answer: (await miniflare.unsafeGetDirectURL()).origin, stop: () => miniflare.dispose() }
})

type RateLimits = NonNullable<V4WorkerOptionsShape['ratelimits']>

function unlimited<Limit extends RateLimits[string]>(one: Limit): Limit {
  return { ...one, simple: { ...one.simple, limit: NO_LIMIT } }
}
