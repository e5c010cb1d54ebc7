import { useCallback, useMemo } from 'react'
import { navigate, useSearch } from 'wouter/use-browser-location'
import { withQuery } from './paths.ts'

/** How a parameter of the page's URL is read and written. A value equal to the absent one is left out of the URL. */
export interface QueryParam<T> {
  read(text: string | null): T
  /** Null leaves it out. */
  write(value: T): string | null
}

export const textParam: QueryParam<string> = { read: (text) => text ?? '', write: (value) => value || null }

/** Present as `1`. */
export const flagParam: QueryParam<boolean> = { read: (text) => text === '1', write: (value) => (value ? '1' : null) }

/** A whole number from 1. */
export const seqParam: QueryParam<number | null> = {
  read: (text) => (text !== null && /^[1-9]\d{0,15}$/.test(text) ? Number(text) : null),
  write: (value) => value?.toString() ?? null,
}

/** One of a few words; the first one when absent or unknown. */
export function choiceParam<const Choice extends string>(choices: readonly [Choice, ...Choice[]]): QueryParam<Choice> {
  return {
    read: (text) => choices.find((choice) => choice === text) ?? choices[0],
    write: (value) => (value === choices[0] ? null : value),
  }
}

type Params = Readonly<Record<string, QueryParam<unknown>>>
type Values<P> = { readonly [Name in keyof P]: P[Name] extends QueryParam<infer T> ? T : never }

export type SetQueryParams<P> = (changes: Partial<Values<P>>, options?: { readonly replace?: boolean }) => void

/**
 * Parameters of the page's URL, typed. `params` must be a constant outside of the component. Setting some leaves all others in
 * the URL as they are; `replace` is for what nobody wants to go back to (typing, scrolling), and is the default.
 */
export function useQueryParams<const P extends Params>(params: P): readonly [Values<P>, SetQueryParams<P>] {
  const search = useSearch()
  const values = useMemo(() => {
    const query = new URLSearchParams(search)
    return Object.fromEntries(Object.entries(params).map(([name, { read }]) => [name, read(query.get(name))])) as Values<P>
  }, [search, params])
  const set = useCallback<SetQueryParams<P>>(
    (changes, { replace = true } = {}) => {
      const query = new URLSearchParams(location.search)
      for (const [name, value] of Object.entries(changes)) {
        const text = params[name]?.write(value) ?? null
        if (text === null) query.delete(name)
        else query.set(name, text)
      }
      navigate(withQuery(location.pathname, query), { replace })
    },
    [params],
  )
  return [values, set]
}
