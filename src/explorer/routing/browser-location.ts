import type { BaseLocationHook } from 'wouter'
import { useBrowserLocation } from 'wouter/use-browser-location'

/**
 * The router decodes a path before it matches it, and an id may hold any character, `%2F` among them. Escaped once more
 * here, the path comes to the match as it stands in the address bar.
 */
export const useRawLocation: BaseLocationHook = () => {
  const [path, navigate] = useBrowserLocation()
  return [path.replaceAll('%', '%25'), navigate]
}

/** The id in a path; the text itself where it is no valid encoding. */
export function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}
