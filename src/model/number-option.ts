/** An option that is a number of at least `minimum`, or not given. Throws `TypeError` for anything else. */
export function numberOption(name: string, given: number | undefined, fallback: number, minimum = 0): number {
  const value = given ?? fallback
  if (typeof value === 'number' && value >= minimum) return value
  throw new TypeError(`${name} must be a number of at least ${minimum}`)
}
