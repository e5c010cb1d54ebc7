import { useMemo } from 'react'
import { classes } from '../../../ui/classes.ts'
import { formatCount } from '../../../ui/format.ts'
import { cutText, type TextLimits } from './cut-text.ts'
import { indentJson } from './indent-json.ts'
import styles from './messages.module.css'

/** How much of each long text is shown, in characters; 0 is as at first. */
export interface Expansion {
  of(id: string): number
  set(id: string, characters: number): void
}

/** Characters that are laid out at a click: a message has up to 4 MiB, and a page of text this long is still quick. */
const STEP = 100_000

const PROSE: TextLimits = { characters: 1_400, lines: 16 }
const DATA: TextLimits = { characters: 500, lines: 10 }

export interface LongTextProps {
  /** Of the text, among all in the thread. */
  readonly id: string
  readonly text: string
  /** `data` is what programs say to each other: JSON is laid out, and less is shown at first. */
  readonly look?: 'prose' | 'data'
  readonly expansion: Expansion
}

/** Text with its line breaks, long ones collapsed. Markup in it is text. */
export function LongText({ id, text: given, look = 'prose', expansion }: LongTextProps) {
  const json = useMemo(() => indentJson(given), [given])
  const text = json ?? given
  const characters = expansion.of(id)
  const beginning = useMemo(() => cutText(text, look === 'prose' && json === null ? PROSE : DATA), [text, json, look])
  const shown = characters === 0 ? beginning : cutText(text, { characters, lines: Infinity })
  const isCut = shown.length < text.length
  return (
    <div className={classes(styles.text, json !== null && styles.json)}>
      {shown}
      {isCut && characters === 0 && '…'}
      {(isCut || characters > 0) && beginning.length < text.length && (
        <span className={styles.mores}>
          {isCut && (
            <button type="button" className={styles.more} onClick={() => expansion.set(id, characters + STEP)}>
              {text.length <= characters + STEP
                ? `Show all ${formatCount(text.length)} characters`
                : `Show ${formatCount(STEP)} of ${formatCount(text.length - shown.length)} more characters`}
            </button>
          )}
          {characters > 0 && (
            <button type="button" className={styles.more} onClick={() => expansion.set(id, 0)}>
              Show less
            </button>
          )}
        </span>
      )}
    </div>
  )
}
