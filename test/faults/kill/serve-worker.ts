import { dirname } from 'node:path'
import { convertV4MiniflareOptions, type Json, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'

/** What the test sends to this process. */
export interface ServeRequest {
  /** The built Worker. */
  readonly scriptPath: string
  /** Where its objects and queues keep what they have; a later process goes on from there. */
  readonly storageDir: string
  readonly vars: Record<string, string>
}

/*
 * Serves the built Worker in a process group of its own, which the test kills. Straight from its socket: the proxies of the
 * development server would hide how a connection ends.
 */
process.once('message', async ({ scriptPath, storageDir, vars }: ServeRequest) => {
  const { workerOptions } = readWorkerOptions('wrangler.toml')
  const { bindings, assets: _assets, modulesRules: _rules, ...options } = workerOptions
  const miniflare = new Miniflare(
    convertV4MiniflareOptions({
      ...options,
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
  process.send?.((await miniflare.unsafeGetDirectURL()).origin)
})
