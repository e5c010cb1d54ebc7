export interface PackLimits {
  readonly items: number
  readonly bytes: number
}

/** Fills groups in order, none beyond the limits. An item that is by itself too large has a group to itself. */
export function pack<T>(items: readonly T[], bytesOf: (item: T) => number, limits: PackLimits): T[][] {
  const groups: T[][] = []
  let group: T[] = []
  let room = 0
  for (const item of items) {
    const bytes = bytesOf(item)
    if (groups.length === 0 || group.length === limits.items || bytes > room) {
      group = []
      groups.push(group)
      room = limits.bytes
    }
    group.push(item)
    room -= bytes
  }
  return groups
}

const encoder = new TextEncoder()

export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength
}
