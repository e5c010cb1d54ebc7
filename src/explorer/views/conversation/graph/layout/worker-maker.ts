import { layOutInColumns } from './columns.ts'
import type { LayoutMaker } from './layouts.ts'
import type { Part, PartLayout } from './part.ts'

/** Lays out in a thread of its own: however long that takes, the page stays awake. */
export class WorkerMaker implements LayoutMaker {
  readonly #worker = new Worker(new URL('./layout-worker.ts', import.meta.url), { type: 'module' })

  layOut(part: Part): Promise<PartLayout> {
    return new Promise((resolve) => {
      this.#worker.onmessage = ({ data }: MessageEvent<PartLayout>) => resolve(data)
      this.#worker.onerror = () => resolve(layOutInColumns(part))
      this.#worker.postMessage(part)
    })
  }

  end(): void {
    this.#worker.terminate()
  }
}
