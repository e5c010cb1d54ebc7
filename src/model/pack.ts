export interface PackLimits {
  readonly items: number
  readonly bytes: number
  /** Different keys. Default: any number. */
  readonly keys?: number
}

/**
 * Fills groups in order, none beyond the limits; no items are no groups. An item that is by itself too large has a group
 * to itself.
 */
export function pack<T>(
  items: readonly T[],
  bytesOf: (item: T) => number,
  limits: PackLimits,
  keyOf?: (item: T) => string,
): T[][] {
  const groups: T[][] = []
  let group: T[] = []
  let keys = new Set<string | undefined>()
  let room = 0
  for (const item of items) {
    const bytes = bytesOf(item)
    const key = keyOf?.(item)
    const isFull = group.length === limits.items || bytes > room || (keys.size === limits.keys && !keys.has(key))
    if (isFull || groups.length === 0) {
      group = []
      groups.push(group)
      keys = new Set()
      room = limits.bytes
    }
    group.push(item)
    keys.add(key)
    room -= bytes
  }
  return groups
}
