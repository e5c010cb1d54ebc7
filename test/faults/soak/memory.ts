import { median } from '../../../bench/statistics.ts'

/** What is looked at: what the Worker's isolate has in use, and what the system counts for the whole process of the runtime. */
export const KINDS = ['live', 'resident'] as const
export type MemoryKind = (typeof KINDS)[number]

export interface MemorySample {
  /** Of the runtime. */
  readonly ageMs: number
  /** In bytes; null where it cannot be told. */
  readonly bytes: Readonly<Record<MemoryKind, number | null>>
}

/** One life of the runtime, from its start until it was killed. */
export interface Life {
  readonly samples: MemorySample[]
}

/** What is loaded, compiled and filled for the first time says nothing of growth. */
export const WARM_UP_MS = 120_000

/** Shorter lives say nothing of growth. */
export const JUDGED_FROM_MS = 6 * 60_000

/** A part that most lives have, in which they are compared with each other. */
export const COMPARED_MS = [60_000, 180_000] as const

export interface Described {
  /** Medians of the three parts of what follows the warm-up, in bytes. */
  readonly thirds: readonly [number, number, number] | null
  /** Median slope between all pairs of samples (Theil and Sen), in bytes an hour. */
  readonly slope: number | null
  /** Median at the age at which lives are compared; null for one that was shorter. */
  readonly compared: number | null
}

export interface LifeMemory extends Readonly<Record<MemoryKind, Described>> {
  readonly ms: number
}

interface Point {
  readonly ageMs: number
  readonly bytes: number
}

export function describeLife({ samples }: Life): LifeMemory {
  const ms = samples.at(-1)?.ageMs ?? 0
  const pointsOf = (kind: MemoryKind) =>
    samples.flatMap(({ ageMs, bytes }): Point[] => (bytes[kind] === null ? [] : [{ ageMs, bytes: bytes[kind] }]))
  return { ms, live: describe(pointsOf('live'), ms), resident: describe(pointsOf('resident'), ms) }
}

function describe(points: readonly Point[], ms: number): Described {
  const warm = points.filter(({ ageMs }) => ageMs >= WARM_UP_MS)
  const third = (ms - WARM_UP_MS) / 3
  const placeOf = ({ ageMs }: Point) => Math.min(Math.floor((ageMs - WARM_UP_MS) / third), 2)
  const medianOf = (some: readonly Point[]) => median(some.map(({ bytes }) => bytes))
  const [first = [], second = [], last = []] = [0, 1, 2].map((place) => warm.filter((point) => placeOf(point) === place))
  const compared = points.filter(({ ageMs }) => ageMs >= COMPARED_MS[0] && ageMs < COMPARED_MS[1])
  const hasThirds = first.length > 0 && second.length > 0 && last.length > 0
  return {
    thirds: hasThirds ? [medianOf(first), medianOf(second), medianOf(last)] : null,
    slope: hasThirds ? slopeOf(warm) : null,
    compared: compared.length > 0 && ms >= COMPARED_MS[1] ? medianOf(compared) : null,
  }
}

function slopeOf(points: readonly Point[]): number {
  const slopes = points.flatMap((a, i) => points.slice(i + 1).map((b) => (b.bytes - a.bytes) / (b.ageMs - a.ageMs)))
  return median(slopes) * 3_600_000
}

/** The last third of the longest life to its second one, as a ratio; null when no life is long enough to say. */
export function growthWithinLife(lives: readonly LifeMemory[], kind: MemoryKind): number | null {
  const longest = lives.toSorted((a, b) => b.ms - a.ms)[0]
  const thirds = longest?.[kind].thirds
  if (!longest || !thirds || longest.ms < JUDGED_FROM_MS) return null
  return thirds[2] / thirds[1]
}

/** In bytes an hour; null when no life is long enough to say. */
export function slopeOfLongest(lives: readonly LifeMemory[], kind: MemoryKind): number | null {
  const longest = lives.toSorted((a, b) => b.ms - a.ms)[0]
  return longest && longest.ms >= JUDGED_FROM_MS ? longest[kind].slope : null
}

/** The last comparable life to the first one at the same age, as a ratio; null when there are not two. */
export function growthAcrossLives(lives: readonly LifeMemory[], kind: MemoryKind): number | null {
  const compared = lives.map((life) => life[kind].compared).filter((bytes) => bytes !== null)
  const [first, last] = [compared[0], compared.at(-1)]
  return compared.length < 2 || first === undefined || last === undefined ? null : last / first
}
