import { useState } from 'react'
import { isRawJson, type JsonValue } from '../../../client/index.ts'
import { CopyButton } from '../button/copy-button.tsx'
import { Icon } from '../icons.tsx'
import styles from './json.module.css'

export interface JsonViewProps {
  /** As `parseJson` gives it, so that no number has lost a digit. */
  readonly value: JsonValue
  /** What is copied: the verbatim text. Without it there is no button. */
  readonly text?: string | undefined
  /** What the value is, such as "event". */
  readonly what: string
  /** Levels that are open at first. */
  readonly open?: number
}

/** Characters of a string that are shown at first. */
const SHORT = 400

/** Members or elements of one value that are shown at first. */
const FEW = 100

/** A JSON value whose objects and arrays open and close. */
export function JsonView({ value, text, what, open = 2 }: JsonViewProps) {
  return (
    <div className={styles.view}>
      {text !== undefined && (
        <div className={styles.copy}>
          <CopyButton text={text} what={what} />
        </div>
      )}
      <Value value={value} open={open} />
    </div>
  )
}

interface ValueProps {
  readonly name?: string | undefined
  readonly value: JsonValue
  readonly open: number
}

function Value({ name, value, open }: ValueProps) {
  if (typeof value === 'object' && value !== null && !isRawJson(value)) return <Nested name={name} value={value} open={open} />
  return (
    <div className={styles.row}>
      <Name name={name} />
      <Scalar value={value} />
    </div>
  )
}

function Nested({ name, value, open }: ValueProps & { readonly value: object }) {
  const [isOpen, setIsOpen] = useState(open > 0)
  const [shown, setShown] = useState(FEW)
  const isList = Array.isArray(value)
  const members: readonly (readonly [string, JsonValue])[] = Object.entries(value)
  const [begin, end] = isList ? '[]' : '{}'
  if (members.length === 0) {
    return (
      <div className={styles.row}>
        <Name name={name} />
        <span className={styles.quiet}>
          {begin}
          {end}
        </span>
      </div>
    )
  }
  const count = `${members.length} ${isList ? 'element' : 'member'}${members.length === 1 ? '' : 's'}`
  return (
    <div>
      <button type="button" aria-expanded={isOpen} className={styles.toggle} onClick={() => setIsOpen(!isOpen)}>
        <Icon name="chevron" size={10} />
        <Name name={name} />
        <span className={styles.quiet}>{isOpen ? begin : `${begin}…${end} ${count}`}</span>
      </button>
      {isOpen && (
        <div className={styles.members}>
          {members.slice(0, shown).map(([member, nested]) => (
            <Value key={member} name={member} value={nested} open={open - 1} />
          ))}
          {members.length > shown && (
            <button type="button" className={styles.more} onClick={() => setShown(shown + 10 * FEW)}>
              {members.length - shown} more
            </button>
          )}
        </div>
      )}
      {isOpen && <div className={styles.end}>{end}</div>}
    </div>
  )
}

function Name({ name }: { readonly name: string | undefined }) {
  return name === undefined ? null : (
    <>
      <span className={styles.name}>{name}</span>
      <span className={styles.quiet}>: </span>
    </>
  )
}

function Scalar({ value }: { readonly value: JsonValue }) {
  const [isWhole, setIsWhole] = useState(false)
  if (isRawJson(value)) return <span className={styles.number}>{value.rawJSON}</span>
  if (typeof value === 'number' || typeof value === 'bigint') return <span className={styles.number}>{String(value)}</span>
  if (typeof value !== 'string') return <span className={styles.word}>{String(value)}</span>
  const text = JSON.stringify(value)
  if (isWhole || text.length <= SHORT) return <span className={styles.string}>{text}</span>
  return (
    <span className={styles.string}>
      {text.slice(0, SHORT)}…{' '}
      <button type="button" className={styles.more} onClick={() => setIsWhole(true)}>
        all {value.length} characters
      </button>
    </span>
  )
}
