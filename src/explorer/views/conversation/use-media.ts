import { useCallback, useSyncExternalStore } from 'react'

/** Where the timeline's names stand above its bars, not beside them. */
export const NARROW = '(max-width: 719px)'

/** Where an event's details have room beside the tab. */
export const ROOMY = '(min-width: 1200px)'

/** Whether a media query holds now. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (listener: () => void) => {
      const media = matchMedia(query)
      media.addEventListener('change', listener)
      return () => media.removeEventListener('change', listener)
    },
    [query],
  )
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches)
}
