import type { ApplicationEvent } from '../../model/application-events.ts'
import { within } from '../../model/timers.ts'
import { endEvent, type LifecycleKind, startEvent } from './lifecycle-events.ts'

/** How long the application waits for a lifecycle event by default: a store that is away must not run work into its timeout. */
export const PATIENCE_MS = 1_000

export interface EmitOptions {
  /** Whether what was thrown only says that the work goes on elsewhere, so that nothing has ended. */
  readonly goesOn?: ((thrown: unknown) => boolean) | undefined
  /** What the result waits for; called with what resolves once the end event is stored or given up. */
  readonly waitFor: (published: Promise<void>) => Promise<void> | void
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
  { goesOn, waitFor }: EmitOptions,
): Promise<T> {
  const began = Date.now()
  const started = publish(startEvent(kind, began))
  const end = (event: ApplicationEvent) => waitFor(started.then(() => publish(event)))
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

/** Waits for what is being published, so many milliseconds at most; that goes on in any case. */
export function waitAtMost(patienceMs: number, published: Promise<void>): Promise<void> {
  return within(published, patienceMs, () => {})
}
