import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../free-port.ts'
import { waitUntilReady } from '../wait-until-ready.ts'

export interface OwnService {
  /** Without a slash at its end. */
  readonly url: string
  stop(): Promise<void>
}

const START = join(import.meta.dirname, '../start.ts')

/** What `npm start` starts, on a port and with data of its own, gone after `stop`. */
export async function startOwnService(): Promise<OwnService> {
  const folder = await mkdtemp(join(tmpdir(), 'event-store-screenshots-'))
  const port = await findFreePort(0, 'the event store')
  const flags = ['--data', join(folder, 'data'), '--state', join(folder, 'state')]
  const { DATABASE_URL: _, ...environment } = process.env
  const service = spawn(process.execPath, [START, ...flags], {
    env: { ...environment, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>((resolve) => service.once('exit', () => resolve()))
  const url = `http://127.0.0.1:${port}`
  const stop = async () => {
    service.kill('SIGTERM')
    await ended
    await rm(folder, { recursive: true, force: true })
  }
  const early = ended.then(() => Promise.reject(new Error('the service ended before it was ready')))
  try {
    await Promise.race([waitUntilReady(url, console.log), early])
  } catch (error) {
    await stop()
    throw error
  }
  early.catch(() => undefined)
  return { url, stop }
}
