import { type BuiltWorkerOptions, serveBuiltWorker } from '../../../src/local/built-worker.ts'

/** What the test sends to this process. */
export type ServeRequest = Pick<BuiltWorkerOptions, 'configPath' | 'scriptPath' | 'storageDir' | 'vars'>

/* Serves the built Worker in a process group of its own, which the test kills. */
process.once('message', async (request: ServeRequest) => {
  const { url } = await serveBuiltWorker(request)
  process.send?.(url)
})
