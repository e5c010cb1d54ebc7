import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'

export interface FollowEndOptions {
  readonly scroll: RefObject<HTMLElement | null>
  /** How many there are. */
  readonly rows: number
  readonly isFollowing: boolean
}

/** Who is so near to the end, in pixels, sees what comes. */
const NEAR_PX = 60

/** Keeps the end of a list in sight while it grows, unless its reader has scrolled away. */
export function useFollowEnd({ scroll, rows, isFollowing }: FollowEndOptions) {
  const [isAtEnd, setIsAtEnd] = useState(true)
  const atEnd = useRef(true)

  useEffect(() => {
    const element = scroll.current
    if (!element || !isFollowing) return
    let height = element.scrollHeight
    const onScroll = () => {
      const isNear = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX
      // Growth alone takes nobody away from the end.
      if (!isNear && atEnd.current && element.scrollHeight > height) element.scrollTop = element.scrollHeight
      else {
        atEnd.current = isNear
        setIsAtEnd(isNear)
      }
      height = element.scrollHeight
    }
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => element.removeEventListener('scroll', onScroll)
  }, [scroll, isFollowing])

  useLayoutEffect(() => {
    const element = scroll.current
    if (element && rows > 0 && isFollowing && atEnd.current) element.scrollTop = element.scrollHeight
  }, [scroll, rows, isFollowing])

  const toEnd = () => {
    atEnd.current = true
    setIsAtEnd(true)
    if (scroll.current) scroll.current.scrollTop = scroll.current.scrollHeight
  }
  return { isBehind: isFollowing && !isAtEnd, toEnd }
}
