import type { V4WorkerOptionsShape } from 'miniflare'
import { type BuiltWorkerOptions, serveBuiltWorker } from '../src/local/built-worker.ts'
import { serveParent } from './child.ts'

/** What `services.ts` sends to this process. */
export type ServeRequest = Pick<BuiltWorkerOptions, 'configPath' | 'scriptPath' | 'storageDir' | 'vars'>

/** The load generator stands for more callers than one: it is counted like each of them, and never refused. */
const NO_LIMIT = 1_000_000_000

/* Serves one built Worker in a process of its own, so that handling its output does not take turns with the load. */
serveParent(async (request: ServeRequest) => {
  const { url, runtime } = await serveBuiltWorker({ ...request, adjust })
  return { answer: url, stop: () => runtime.dispose() }
})

/** Without pages, for which something would stand before the Worker. */
function adjust({ assets: _pages, ratelimits = {}, ...options }: V4WorkerOptionsShape): V4WorkerOptionsShape {
  const unlimited = Object.entries(ratelimits).map(([name, one]) => [
    name,
    { ...one, simple: { ...one.simple, limit: NO_LIMIT } },
  ])
  return { ...options, ratelimits: Object.fromEntries(unlimited) }
}
