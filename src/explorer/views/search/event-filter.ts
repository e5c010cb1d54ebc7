/** Empty strings stand for any. */
export interface EventFilter {
  readonly type: string
  readonly name: string
}

export const NO_FILTER: EventFilter = { type: '', name: '' }

export function isFiltered({ type, name }: EventFilter): boolean {
  return type !== '' || name !== ''
}
