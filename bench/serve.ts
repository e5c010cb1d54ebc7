import { dirname } from 'node:path'
import { convertV4MiniflareOptions, type Json, Log, LogLevel, Miniflare } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'

/** What `services.ts` sends to this process. */
export interface ServeRequest {
  readonly configPath: string
  /** The built Worker. */
  readonly scriptPath: string
  /** Where its objects keep their storage. */
  readonly storageDir: string
  readonly vars: Record<string, string>
}

/*
 * Serves one built Worker in a process of its own, so that handling its output does not take turns with the load. Its
 * address goes to the parent; it ends when the parent says anything more, or is gone.
 *
 * The socket leads straight to the Worker: Wrangler's development proxies, which answer a few hundred requests a second,
 * would be all that a benchmark sees.
 */
process.once('message', async ({ configPath, scriptPath, storageDir, vars }: ServeRequest) => {
  const { workerOptions } = readWorkerOptions(configPath)
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
  const end = () => void miniflare.dispose().finally(() => process.exit())
  process.once('message', end)
  process.once('disconnect', end)
  const url = await miniflare.unsafeGetDirectURL()
  process.send?.(url.origin)
})
