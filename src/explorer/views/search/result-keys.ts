import type { KeyboardEvent } from 'react'

/** What a link among the results has, for the arrow keys. */
export const RESULT = { 'data-result': '' }

/**
 * Arrows lead from the field through the results, from the first one back to the field; Home and End to the first and the last.
 * Gives whether the key was one of these.
 */
export function moveThroughResults(event: KeyboardEvent<HTMLElement>, field: HTMLElement | null): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false
  const results = [...event.currentTarget.querySelectorAll<HTMLElement>('[data-result]')]
  const at = event.target instanceof HTMLElement ? results.indexOf(event.target) : -1
  if (at === -1 && event.target !== field) return false
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: at + 1,
    ArrowUp: at - 1,
    // In the field these are for the text.
    ...(at === -1 ? {} : { Home: 0, End: results.length - 1 }),
  }
  const to = steps[event.key]
  if (to === undefined || (at === -1 && event.key === 'ArrowUp')) return false
  const next = to < 0 ? field : results[Math.min(to, results.length - 1)]
  next?.focus()
  next?.scrollIntoView({ block: 'nearest' })
  return true
}
