/** A part of a graph that hangs together. Nodes are numbered from 0 in the order of recording. */
export interface Part {
  readonly count: number
  /** From and to. */
  readonly edges: readonly (readonly [number, number])[]
}

export interface Place {
  readonly x: number
  readonly y: number
}

/** The left upper corners of a part's nodes. */
export interface PartLayout {
  readonly places: readonly Place[]
  readonly height: number
}

/** In pixels. Wide enough for the names of most topics. */
export const NODE = { width: 196, height: 52 } as const

/** Between nodes: beside each other, and from one to the next. */
export const GAP = { across: 16, along: 34 } as const

/** Between parts. */
export const PART_GAP = 36
