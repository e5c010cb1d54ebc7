import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { parentOf } from '../../../bench/processes.ts'
import type { Killable } from '../kill/killable.ts'
import { Isolates } from './isolates.ts'
import { describeLife, type Life, type LifeMemory, type MemorySample } from './memory.ts'

/** The memory of the runtime, life by life. */
export class RuntimeMemory {
  readonly #killable: Killable
  readonly #lives: { readonly pid: number; readonly bornMs: number; readonly life: Life }[] = []
  #isolates: Isolates | null = null
  /** The runtime's own process. */
  #process: string | undefined

  constructor(killable: Killable) {
    this.#killable = killable
  }

  get lives(): LifeMemory[] {
    return this.#lives.map(({ life }) => describeLife(life))
  }

  /** Lets the runtime collect what it can, then looks at what is left; null while no runtime answers. */
  async look(nowMs: () => number): Promise<MemorySample['bytes'] | null> {
    const { runtimePid: pid, inspectorUrl } = this.#killable
    if (pid === undefined || inspectorUrl === null) return null
    const found = this.#lives.at(-1)
    const current = found?.pid === pid ? found : { pid, bornMs: nowMs(), life: { samples: [] } }
    try {
      if (current !== found) {
        this.close()
        this.#lives.push(current)
        this.#process = processes().find((name) => isRuntime(name) && parentOf(Number(name)) === pid)
      }
      this.#isolates ??= await Isolates.open(inspectorUrl)
      const live = await this.#isolates.live()
      const bytes = { live, resident: residentOf(this.#process) }
      current.life.samples.push({ ageMs: nowMs() - current.bornMs, bytes })
      return bytes
    } catch {
      // It was killed meanwhile, or is so busy that it says so the next time.
      this.close()
      return null
    }
  }

  close(): void {
    this.#isolates?.close()
    this.#isolates = null
  }
}

function processes(): string[] {
  return existsSync('/proc/self/status') ? readdirSync('/proc') : []
}

function isRuntime(pid: string): boolean {
  return /^\d+$/.test(pid) && /^Name:\s+workerd$/m.test(statusOf(pid))
}

/** In bytes; null where there is no `/proc`. */
function residentOf(pid: string | undefined): number | null {
  const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(pid === undefined ? '' : statusOf(pid)) ?? []
  return kilobytes === undefined ? null : Number(kilobytes) * 1024
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
