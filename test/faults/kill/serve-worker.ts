import type { V4WorkerOptionsShape } from 'miniflare'
import { type BuiltWorkerOptions, serveBuiltWorker } from '../../../src/local/built-worker.ts'

/** What the test sends to this process. */
export interface ServeRequest extends Pick<BuiltWorkerOptions, 'configPath' | 'scriptPath' | 'storageDir' | 'vars'> {
  /** Serves the Worker without its pages, before which something would stand that is no part of it, and lets its memory be looked at. */
  readonly isInspected: boolean
}

/** What this process answers when the Worker serves. */
export interface Serving {
  readonly url: string
  /** Where its inspector is; null where it was not asked for. */
  readonly inspectorUrl: string | null
}

/* Serves the built Worker in a process group of its own, which the test kills; it outlives the test in no case. */
process.once('disconnect', () => process.kill(-process.pid, 'SIGKILL'))
process.once('message', async ({ isInspected, ...request }: ServeRequest) => {
  const { url, runtime } = await serveBuiltWorker(isInspected ? { ...request, adjust: inspected } : request)
  const serving: Serving = { url, inspectorUrl: isInspected ? (await runtime.getInspectorURL()).href : null }
  process.send?.(serving)
})

function inspected({ assets: _pages, ...options }: V4WorkerOptionsShape): V4WorkerOptionsShape {
  // One of the runtime's options, which stand beside those of its only Worker.
  const shared = { inspectorPort: 0 }
  return { ...options, ...shared }
}
