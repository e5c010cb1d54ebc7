import { type ComponentPropsWithRef, type KeyboardEvent, type ReactNode, useId, useState } from 'react'
import { MAX_ID_LENGTH } from '../../../model/limits.ts'
import { IconButton } from '../../ui/button/button.tsx'
import { classes } from '../../ui/classes.ts'
import styles from './combobox.module.css'
import { suggest } from './suggestions.ts'

export interface ComboboxProps {
  readonly label: string
  readonly value: string
  /** What is suggested; any other text can be chosen, too. */
  readonly options: readonly string[]
  readonly onChoose: (value: string) => void
  /** How an option looks. Default: its word. */
  readonly show?: (option: string) => ReactNode
}

/** A text field with suggestions, by the ARIA pattern of a combobox with a list. */
export function Combobox({ label, value, options, onChoose, show = (option) => option }: ComboboxProps) {
  const id = useId()
  const [draft, setDraft] = useState<string | null>(null)
  const [isOpen, setIsOpen] = useState(false)
  const [active, setActive] = useState(-1)
  const shown = isOpen ? suggest(options, draft ?? '') : []
  const close = () => {
    setIsOpen(false)
    setActive(-1)
  }
  const choose = (chosen: string) => {
    close()
    setDraft(null)
    if (chosen !== value) onChoose(chosen)
  }
  const move = (step: number) => {
    setIsOpen(true)
    const count = shown.length || suggest(options, draft ?? '').length
    const from = active === -1 && step < 0 ? 0 : active
    const to = count === 0 ? -1 : (from + step + count) % count
    setActive(to)
    document.getElementById(`${id}-${to}`)?.scrollIntoView({ block: 'nearest' })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'ArrowDown') move(1)
    else if (event.key === 'ArrowUp') move(-1)
    else if (event.key === 'Enter') choose(shown[active] ?? (draft ?? value).trim())
    else if (event.key === 'Escape' && (isOpen || draft !== null)) {
      close()
      setDraft(null)
    } else if (event.key === 'Escape' && value !== '') choose('')
    else return
    event.preventDefault()
  }
  return (
    <div className={styles.combobox}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box}>
        <input
          id={id}
          type="text"
          role="combobox"
          aria-expanded={shown.length > 0}
          aria-controls={shown.length > 0 ? `${id}-list` : undefined}
          aria-autocomplete="list"
          aria-activedescendant={shown[active] === undefined ? undefined : `${id}-${active}`}
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          placeholder="Any"
          maxLength={MAX_ID_LENGTH}
          value={draft ?? value}
          onChange={({ target }) => {
            setDraft(target.value)
            setIsOpen(true)
            setActive(-1)
          }}
          onClick={() => setIsOpen(true)}
          onBlur={() => choose((draft ?? value).trim())}
          onKeyDown={onKeyDown}
        />
        {(draft ?? value) !== '' && (
          <IconButton icon="close" label={`Any ${label.toLowerCase()}`} className={styles.clear} onClick={() => choose('')} />
        )}
        {shown.length > 0 && (
          <ul {...LISTBOX} id={`${id}-list`} aria-label={label} className={styles.list}>
            {shown.map((option, index) => (
              <Option
                key={option}
                id={`${id}-${index}`}
                aria-selected={option === value}
                className={classes(styles.option, index === active && styles.active)}
                // The focus stays in the field.
                onPointerDown={(event) => event.preventDefault()}
                onClick={() => choose(option)}
              >
                {show(option)}
              </Option>
            ))}
          </ul>
        )}
      </div>
    </div>
  )
}

/* The field keeps the focus and names the active option: these take none themselves. */
const LISTBOX = { role: 'listbox' }
const OPTION = { role: 'option' }

function Option(props: ComponentPropsWithRef<'li'>) {
  return <li {...OPTION} {...props} />
}
