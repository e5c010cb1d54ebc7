import { useCallback, useEffect, useRef, useState } from 'react'
import { seqParam, useQueryParams } from '../../../routing/query-params.ts'

const PARAMS = { at: seqParam }

/** The URL follows the slider once it rests, in milliseconds: browsers refuse to change it a hundred times in a row. */
const REST_MS = 250

export interface Replay {
  /** The seq of the last event that is shown; null is now. */
  readonly at: number | null
  readonly setAt: (at: number | null) => void
}

/** The place of the replay, in the URL as `at`. */
export function useReplay(): Replay {
  const [{ at }, set] = useQueryParams(PARAMS)
  const [moving, setMoving] = useState<{ readonly at: number | null } | null>(null)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => () => clearTimeout(timer.current), [])
  const setAt = useCallback(
    (next: number | null) => {
      clearTimeout(timer.current)
      setMoving({ at: next })
      timer.current = setTimeout(() => {
        set({ at: next })
        setMoving(null)
      }, REST_MS)
    },
    [set],
  )
  return { at: moving ? moving.at : at, setAt }
}
