import { type KeyboardEvent, type ReactNode, useRef } from 'react'
import { classes } from '../classes.ts'
import styles from './tabs.module.css'

export interface TabOption<Id extends string> {
  readonly id: Id
  readonly label: string
  /** Shown small beside the label. */
  readonly note?: string | undefined
}

export interface TabsProps<Id extends string> {
  /** What the tabs are views of. */
  readonly label: string
  readonly tabs: readonly TabOption<Id>[]
  readonly selected: Id
  readonly onSelect: (id: Id) => void
  readonly children: ReactNode
}

const STEPS: Readonly<Record<string, (at: number, count: number) => number>> = {
  ArrowRight: (at, count) => (at + 1) % count,
  ArrowLeft: (at, count) => (at + count - 1) % count,
  Home: () => 0,
  End: (_, count) => count - 1,
}

/** Tabs with the panel of the selected one, by the ARIA pattern: arrows choose, Tab leads into the panel. */
export function Tabs<Id extends string>({ label, tabs, selected, onSelect, children }: TabsProps<Id>) {
  const list = useRef<HTMLDivElement>(null)
  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEPS[event.key]
    if (!step) return
    event.preventDefault()
    const at = step(
      tabs.findIndex(({ id }) => id === selected),
      tabs.length,
    )
    const tab = tabs[at]
    if (!tab) return
    onSelect(tab.id)
    list.current?.querySelectorAll('button').item(at).focus()
  }
  return (
    <>
      <div ref={list} role="tablist" aria-label={label} className={styles.list}>
        {tabs.map(({ id, label, note }) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`tab-${id}`}
            aria-selected={id === selected}
            aria-controls={id === selected ? `panel-${id}` : undefined}
            tabIndex={id === selected ? 0 : -1}
            className={classes(styles.tab, id === selected && styles.selected)}
            onClick={() => onSelect(id)}
            onKeyDown={onKeyDown}
          >
            {label}
            {note !== undefined && <span className={styles.note}>{note}</span>}
          </button>
        ))}
      </div>
      <div role="tabpanel" id={`panel-${selected}`} aria-labelledby={`tab-${selected}`} className={styles.panel}>
        {children}
      </div>
    </>
  )
}
