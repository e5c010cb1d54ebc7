import { useState } from 'react'
import { formatCount } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import styles from './details.module.css'

/** Characters that are shown at first: an error may hold a whole answer. */
const SHORT = 2_000

/** Whoever has no mouse scrolls it with the arrow keys. */
const SCROLLABLE = { tabIndex: 0 }

/** What a failed event says of its failure. */
export function ErrorText({ error }: { readonly error: string }) {
  const [isWhole, setIsWhole] = useState(false)
  const isCut = error.length > SHORT && !isWhole
  return (
    <section className={styles.error} aria-label="Error">
      <Icon name="alert" size={14} />
      <p {...SCROLLABLE}>{isCut ? `${error.slice(0, SHORT)}…` : error}</p>
      {isCut && (
        <button type="button" className={styles.more} onClick={() => setIsWhole(true)}>
          all {formatCount(error.length)} characters
        </button>
      )}
    </section>
  )
}
