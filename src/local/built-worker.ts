import { dirname } from 'node:path'
import { convertV4MiniflareOptions, type Json, Log, LogLevel, Miniflare, type V4WorkerOptionsShape } from 'miniflare'
import { unstable_getMiniflareWorkerOptions as readWorkerOptions } from 'wrangler'

export interface BuiltWorkerOptions {
  /** The wrangler.toml with its bindings. */
  readonly configPath: string
  /** The built Worker. */
  readonly scriptPath: string
  /** Variables and secrets, beside those of wrangler.toml or instead of them. */
  readonly vars: Record<string, string>
  /** Where its objects and queues keep what they have, for a later one to go on from. Default: it is gone with this one. */
  readonly storageDir?: string
  /** Changes what wrangler.toml says. */
  readonly adjust?: (options: V4WorkerOptionsShape) => V4WorkerOptionsShape
  /** Gets each line that the Worker logs. */
  readonly onLog?: (line: string) => void
}

export interface BuiltWorker {
  /** Without a slash at its end. */
  readonly url: string
  readonly runtime: Miniflare
}

/**
 * Serves the built Worker in the real workerd, for tests and benchmarks. The socket leads straight to the Worker: the proxies of
 * the development server answer a few hundred requests a second, and hide how a connection ends.
 */
export async function serveBuiltWorker(options: BuiltWorkerOptions): Promise<BuiltWorker> {
  const { configPath, scriptPath, vars, storageDir, adjust = (unchanged) => unchanged, onLog = () => undefined } = options
  const { workerOptions } = readWorkerOptions(configPath)
  const { bindings, modulesRules: _rules, ...others } = workerOptions
  const runtime = new Miniflare(
    convertV4MiniflareOptions({
      ...adjust(others as V4WorkerOptionsShape),
      bindings: { ...(bindings as Record<string, Json>), ...vars },
      modules: true,
      rootPath: dirname(scriptPath),
      scriptPath,
      ...(storageDir === undefined ? {} : { resourcePersistencePath: storageDir }),
      unsafeDirectSockets: [{ host: '127.0.0.1', port: 0 }],
      log: new Log(LogLevel.NONE),
      logRequests: false,
      handleStructuredLogs: ({ message }) => onLog(message),
      cf: false,
    }),
  )
  try {
    return { url: (await runtime.unsafeGetDirectURL()).origin, runtime }
  } catch (failure) {
    await runtime.dispose()
    throw failure
  }
}
