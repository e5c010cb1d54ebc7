import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findFreePort } from '../../src/local/free-port.ts'
import { waitUntilReady } from '../../src/local/wait-until-ready.ts'
import { startWrangler, type Wrangler } from '../../src/local/wrangler.ts'

/** Whoever runs beside a test may take a port between its choice and its use. */
const STARTS = 5

/** `wrangler dev` that can be killed and started again on the state that it left. Needs `/proc`, where its process group is found. */
export class DevService {
  readonly #folder = mkdtempSync(join(tmpdir(), 'event-store-dev-'))
  #wrangler: Wrangler | undefined

  /** Resolves with its port when the service is ready; the given one where clients hold on to that. */
  async start(vars: Record<string, string> = {}, wanted?: number): Promise<number> {
    for (let tries = 1; tries <= STARTS; tries += 1) {
      const port = wanted ?? (await findFreePort(0, 'a test'))
      const wrangler = startWrangler({
        port,
        configPath: 'wrangler.toml',
        stateDir: join(this.#folder, 'state'),
        dataDir: this.#folder,
        vars,
        verbose: false,
        log: () => undefined,
      })
      this.#wrangler = wrangler
      const ready = waitUntilReady(`http://127.0.0.1:${port}`, () => undefined).then(() => true)
      if (await Promise.race([ready, wrangler.exited.then(() => false)])) return port
      await wrangler.stop()
    }
    throw new Error(`wrangler dev ended ${STARTS} times before it was ready`)
  }

  /** Leaves no time for anything. */
  async kill(): Promise<void> {
    const { group } = JSON.parse(readFileSync(join(this.#folder, 'wrangler.json'), 'utf8')) as { group: number }
    process.kill(-group, 'SIGKILL')
    await this.#wrangler?.exited
    await this.#wrangler?.stop()
  }

  async stop(): Promise<void> {
    await this.#wrangler?.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}
