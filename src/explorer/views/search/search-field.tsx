import { type ChangeEvent, type FormEvent, type RefObject, useId, useState } from 'react'
import { MAX_ID_LENGTH } from '../../../model/limits.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { Icon } from '../../ui/icons.tsx'
import styles from './search.module.css'
import { FIELD_ID } from './search-shortcut.ts'

export interface SearchFieldProps {
  readonly field: RefObject<HTMLInputElement | null>
  /** What is being searched for. */
  readonly text: string
  readonly onSearch: (text: string) => void
}

/** Half an id finds nothing: it searches for what was pasted at once, for what was typed with Enter. */
export function SearchField({ field, text, onSearch }: SearchFieldProps) {
  const [draft, setDraft] = useState({ of: text, typed: text })
  const noteId = useId()
  // Going back in the browser brings another text, which wins over what is half typed.
  const typed = draft.of === text ? draft.typed : text
  const search = (wanted: string) => {
    setDraft({ of: wanted.trim(), typed: wanted.trim() })
    onSearch(wanted.trim())
  }
  const onChange = ({ target, nativeEvent }: ChangeEvent<HTMLInputElement>) => {
    setDraft({ of: text, typed: target.value })
    if (nativeEvent instanceof InputEvent && nativeEvent.inputType === 'insertFromPaste') search(target.value)
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    search(typed)
  }
  return (
    <search>
      <form className={styles.form} onSubmit={onSubmit}>
        <span className={styles.fieldIcon}>
          <Icon name="search" />
        </span>
        <input
          ref={field}
          id={FIELD_ID}
          className={styles.field}
          type="text"
          aria-label="Id or topic name"
          aria-describedby={noteId}
          placeholder="Id of an event, conversation or request, or a topic"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          enterKeyHint="search"
          maxLength={MAX_ID_LENGTH}
          value={typed}
          onChange={onChange}
          onKeyDown={({ key }) => key === 'Escape' && setDraft({ of: text, typed: '' })}
        />
        <span className={styles.fieldEnd}>
          {typed !== text && typed.trim() !== '' ? (
            <kbd className={styles.key}>Enter</kbd>
          ) : typed === '' ? (
            <kbd className={styles.key}>/</kbd>
          ) : (
            <IconButton
              icon="close"
              label="Clear the search"
              onClick={() => {
                search('')
                field.current?.focus()
              }}
            />
          )}
        </span>
      </form>
      <p id={noteId} className="visually-hidden">
        Enter searches, Escape clears, the arrow keys lead through the results.
      </p>
    </search>
  )
}
