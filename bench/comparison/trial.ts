import type { Stage, System } from '../stage.ts'
import type { Meter } from './meter.ts'

/** What the works of one setting share. */
export interface Trial {
  readonly stage: Stage
  readonly meter: Meter
  /** Waits until PostgreSQL has every event that the store has acknowledged. */
  settled(): Promise<void>
  /** Notes events that a system has acknowledged. */
  acknowledge(system: System, events: number): void
  /** Notes events whose request failed. Throws the failure where there are too many for the figures to mean anything. */
  fail(system: System, events: number, failure: unknown): void
}
