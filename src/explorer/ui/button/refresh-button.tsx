import { useIsFetching, useQueryClient } from '@tanstack/react-query'
import { IconButton } from './button.tsx'

/** Asks anew for all queries whose key begins with `queryKey`. */
export function RefreshButton({ queryKey }: { readonly queryKey: readonly unknown[] }) {
  const queries = useQueryClient()
  const isFetching = useIsFetching({ queryKey }) > 0
  return (
    <IconButton
      icon="refresh"
      look="plain"
      label="Refresh"
      aria-busy={isFetching}
      onClick={() => void queries.invalidateQueries({ queryKey })}
    />
  )
}
