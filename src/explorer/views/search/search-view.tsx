import { type ComponentPropsWithRef, type KeyboardEvent, useRef } from 'react'
import { isPossibleId } from '../../../model/text-rules.ts'
import { textParam, useQueryParams } from '../../routing/query-params.ts'
import { EventTypeLabel } from '../../ui/badge/badge.tsx'
import { RefreshButton } from '../../ui/button/refresh-button.tsx'
import { EmptyState } from '../../ui/states/states.tsx'
import { View } from '../../ui/view/view.tsx'
import { Combobox } from './combobox.tsx'
import { isFiltered } from './event-filter.ts'
import { FeedResults } from './feed-results.tsx'
import { IdResults } from './id-results.tsx'
import { moveThroughResults } from './result-keys.ts'
import styles from './search.module.css'
import { SearchField } from './search-field.tsx'
import { useAwaitedFocus } from './search-shortcut.ts'
import { EVENT_NAMES, EVENT_TYPES } from './suggestions.ts'

const PARAMS = { q: textParam, type: textParam, name: textParam }

const NEW_ENTRY = { replace: false }

export default function SearchView() {
  const [{ q, type, name }, set] = useQueryParams(PARAMS)
  const field = useRef<HTMLInputElement>(null)
  useAwaitedFocus()
  const text = q.trim()
  const filter = { type, name }
  const search = (wanted: string) => wanted !== q && set({ q: wanted }, NEW_ENTRY)
  /** The text first; the filters when there is none. */
  const clear = () => {
    if (q !== '') set({ q: '' }, NEW_ENTRY)
    else if (!field.current?.value && isFiltered(filter)) set({ type: '', name: '' }, NEW_ENTRY)
    field.current?.focus()
  }
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    if (event.defaultPrevented) return
    if (event.key === 'Escape') clear()
    else if (!moveThroughResults(event, field.current)) return
    event.preventDefault()
  }
  return (
    <View
      title="Search"
      documentTitle={text === '' ? 'Search' : `Search ${text}`}
      subtitle="By a whole id, or the name of a topic"
      actions={(text !== '' || isFiltered(filter)) && <RefreshButton queryKey={['search']} />}
    >
      <KeyArea onKeyDown={onKeyDown}>
        <SearchField field={field} text={q} onSearch={search} />
        <div className={styles.filters}>
          <Combobox
            label="Event type"
            value={type}
            options={EVENT_TYPES}
            onChoose={(chosen) => set({ type: chosen }, NEW_ENTRY)}
            show={(option) => <EventTypeLabel type={option} />}
          />
          <Combobox
            label="Event name"
            value={name}
            options={EVENT_NAMES}
            onChoose={(chosen) => set({ name: chosen }, NEW_ENTRY)}
          />
        </div>
        {text !== '' && isPossibleId(text) ? (
          <IdResults text={text} filter={filter} onType={(chosen) => set({ q: '', type: chosen }, NEW_ENTRY)} />
        ) : text !== '' ? (
          <EmptyState icon="search" title="Nothing can have this id">
            Ids and names have at most 256 characters, none of them a control character, and are not “.” or “..”.
          </EmptyState>
        ) : isFiltered(filter) ? (
          <FeedResults filter={filter} />
        ) : (
          <NothingAsked />
        )}
      </KeyArea>
    </View>
  )
}

function NothingAsked() {
  return (
    <EmptyState icon="search" title="Paste an id">
      <p>It is looked up as an event, a conversation, an assistant request and a topic at once.</p>
      <p>Or choose a type or a name to see those events, last recorded first.</p>
      <p>
        <kbd className={styles.key}>/</kbd> comes here from every view, <kbd className={styles.key}>Esc</kbd> clears,{' '}
        <kbd className={styles.key}>↓</kbd> <kbd className={styles.key}>↑</kbd> lead through the results.
      </p>
    </EmptyState>
  )
}

/** Keys of all that is inside come through here. */
function KeyArea(props: ComponentPropsWithRef<'div'>) {
  return <div className={styles.search} {...props} />
}
