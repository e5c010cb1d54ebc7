import { NODE, type Place } from './layout/part.ts'

export interface Size {
  readonly width: number
  readonly height: number
}

/** As the graph's library has it: the shift in pixels, then the scale. */
export interface Viewport extends Place {
  readonly zoom: number
}

/** Smaller, names cannot be read. */
const READABLE_ZOOM = 0.62

/** Where not all can be seen at once, names are read with ease. */
const UNHURRIED_ZOOM = 0.9

/** Above a low graph, at most, in widths of the canvas: a narrow one reaches below the end of the screen. */
const MAX_TOP = 0.1

/** Around what is shown, in pixels. */
const MARGIN = 24

/** All of the graph where that can be read; else the event that matters, or the beginning. */
export function firstViewport(places: ReadonlyMap<number, Place>, size: Size, focus: Place | undefined): Viewport {
  const all = [...places.values()]
  const from = all.reduce((least, { x, y }) => ({ x: Math.min(least.x, x), y: Math.min(least.y, y) }), {
    x: Infinity,
    y: Infinity,
  })
  const to = all.reduce((most, { x, y }) => ({ x: Math.max(most.x, x), y: Math.max(most.y, y) }), { x: 0, y: 0 })
  const width = to.x + NODE.width - from.x
  const height = to.y + NODE.height - from.y
  const fitting = Math.min(1, (size.width - 2 * MARGIN) / width, (size.height - 2 * MARGIN) / height)
  if (all.length === 0) return { x: MARGIN, y: MARGIN, zoom: 1 }
  if (fitting >= READABLE_ZOOM) {
    return {
      x: (size.width - width * fitting) / 2 - from.x * fitting,
      y: (size.height - height * fitting) / 2 - from.y * fitting,
      zoom: fitting,
    }
  }
  const zoom = Math.max(READABLE_ZOOM, Math.min(UNHURRIED_ZOOM, (size.height - 2 * MARGIN) / height))
  if (focus) return centred(focus, size, zoom)
  // From the left, and from the top unless its height fits.
  const spare = size.height - height * zoom
  return { x: MARGIN - from.x * zoom, y: Math.max(MARGIN, Math.min(MAX_TOP * size.width, spare / 2)) - from.y * zoom, zoom }
}

export function centred(node: Place, size: Size, zoom: number): Viewport {
  return {
    x: size.width / 2 - (node.x + NODE.width / 2) * zoom,
    y: size.height / 2 - (node.y + NODE.height / 2) * zoom,
    zoom,
  }
}

/** Whether a node is in sight as a whole. */
export function isInSight(node: Place, size: Size, { x, y, zoom }: Viewport): boolean {
  const [left, top] = [node.x * zoom + x, node.y * zoom + y]
  return left >= 0 && top >= 0 && left + NODE.width * zoom <= size.width && top + NODE.height * zoom <= size.height
}
