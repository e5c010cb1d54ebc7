import { type Fault, type FaultyProxy, startFaultyProxy } from '../../support/faulty-proxy.ts'
import { Killable } from '../kill/killable.ts'
import { dealFaults } from './background-faults.ts'

export interface StageOptions {
  readonly scriptPath: string
  readonly retentionSeconds: number
  readonly stallEvery?: number
}

export interface Stage {
  readonly killable: Killable
  readonly proxy: FaultyProxy
  startFaults(random: () => number): void
  endFaults(): void
  /** While it is cut, nothing gets to the database. */
  cutOff(isCut: boolean): void
  stop(): Promise<void>
}

/** PostgreSQL, the gateway before it, a proxy before that which fails as it is told, and the built Worker. */
export async function startStage({ scriptPath, retentionSeconds, stallEvery }: StageOptions): Promise<Stage> {
  let proxy: FaultyProxy | undefined
  let deal: () => Fault = () => 'none'
  let isCut = false
  const killable = new Killable({
    scriptPath,
    isInspected: true,
    vars: { HOT_RETENTION_SECONDS: String(retentionSeconds) },
    async between(gatewayUrl) {
      const { origin, pathname } = new URL(gatewayUrl)
      proxy = await startFaultyProxy(origin)
      proxy.setFaults(() => (isCut ? 'cut before' : deal()))
      return `${proxy.url}${pathname}`
    },
  })
  const stop = async () => {
    await killable.killRuntime()
    await proxy?.close()
    await killable.stop()
  }
  try {
    await killable.start()
    if (!proxy) throw new Error('there is no proxy')
  } catch (failure) {
    await stop()
    throw failure
  }
  return {
    killable,
    proxy,
    startFaults(random) {
      deal = dealFaults(random, stallEvery)
    },
    endFaults() {
      deal = () => 'none'
    },
    cutOff(cut) {
      isCut = cut
    },
    stop,
  }
}
