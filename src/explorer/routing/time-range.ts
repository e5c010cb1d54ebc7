import { type QueryParam, useQueryParams } from './query-params.ts'
import { DEFAULT_RANGE, TIME_RANGES, type TimeRangeName } from './ranges.ts'

export { boundsOf, DEFAULT_RANGE, RANGE_MS, TIME_RANGES, type TimeRangeName } from './ranges.ts'

const PARAMS = {
  range: {
    read: (text) => TIME_RANGES.find((name) => name === text) ?? DEFAULT_RANGE,
    write: (name) => (name === DEFAULT_RANGE ? null : name),
  } satisfies QueryParam<TimeRangeName>,
}

/** The range of time in the URL (`?range=24h`). It ends now, whenever that is: see `boundsOf`. */
export function useTimeRange(): readonly [TimeRangeName, (range: TimeRangeName) => void] {
  const [{ range }, set] = useQueryParams(PARAMS)
  return [range, (chosen) => set({ range: chosen }, { replace: false })]
}
