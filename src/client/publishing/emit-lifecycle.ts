import type { ApplicationEvent } from '../../model/application-events.ts'
import { endEvent, type LifecycleKind, startEvent } from './lifecycle-events.ts'

/** How long a result waits for its end event by default: a store that is away must not run work into its timeout. */
export const PATIENCE_MS = 1_000

export interface EmitOptions {
  /** Whether what was thrown only says that the work goes on elsewhere, so that nothing has ended. */
  readonly goesOn?: ((thrown: unknown) => boolean) | undefined
  /** How long the result waits for the end event, in milliseconds; that is sent in any case. */
  readonly patienceMs: number
}

/**
 * Does the work between a start and an end event, and gives back its result or throws what it threw. The work does not
 * wait for the start event; the end event follows it, whatever time it takes.
 * `publish` must not reject, as `EventPublisher.publishEvent` does not.
 */
export async function emitLifecycle<T>(
  kind: LifecycleKind,
  publish: (event: ApplicationEvent) => Promise<void>,
  work: () => T | Promise<T>,
  { goesOn, patienceMs }: EmitOptions,
): Promise<T> {
  const began = Date.now()
  const started = publish(startEvent(kind, began))
  const end = (event: ApplicationEvent) =>
    settle(
      started.then(() => publish(event)),
      patienceMs,
    )
  let result: T
  try {
    result = await work()
  } catch (error) {
    if (!goesOn?.(error)) await end(endEvent(kind, { state: 'failed', error }, began, Date.now()))
    throw error
  }
  await end(endEvent(kind, { state: 'completed' }, began, Date.now()))
  return result
}

async function settle(publishing: Promise<void>, patienceMs: number): Promise<void> {
  const patience = Promise.withResolvers<void>()
  const timer = setTimeout(patience.resolve, patienceMs)
  await Promise.race([publishing, patience.promise])
  clearTimeout(timer)
}
