import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '..')

/** A process of its own that serves, with what it answered when it had started. */
export interface Server<Answer> {
  readonly answer: Answer
  readonly pid: number
  end(): Promise<void>
}

/** Starts a script that uses `serveParent`. */
export async function startServer<Answer>(script: string, request: object): Promise<Server<Answer>> {
  const child: ChildProcess = fork(join(import.meta.dirname, script), {
    cwd: ROOT,
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const ended = once(child, 'exit')
  child.send(request)
  const started = once(child, 'message').then(([message]) => ({ answer: message as Answer }))
  const outcome = await Promise.race([started, ended.then(() => null)])
  if (outcome === null) throw new Error(`${script} did not start`)
  return {
    answer: outcome.answer,
    pid: child.pid as number,
    async end() {
      if (child.connected) child.send('end')
      await ended
    },
  }
}
