import { useState } from 'react'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { CopyButton } from '../../../ui/button/copy-button.tsx'
import { JsonView } from '../../../ui/json/json-view.tsx'
import { Segmented } from '../../../ui/segmented/segmented.tsx'
import styles from './details.module.css'

/** Characters of the text that are shown at first: an event has up to 4 MiB. */
const SHORT = 50_000

const LOOKS = ['tree', 'text'] as const

/** Whoever has no mouse scrolls it with the arrow keys. */
const SCROLLABLE = { tabIndex: 0 }

/** An event as it was sent, digit for digit. */
export function RawEvent({ item: { raw, text } }: { readonly item: ConversationItem }) {
  const [look, setLook] = useState<(typeof LOOKS)[number]>('tree')
  const [isWhole, setIsWhole] = useState(false)
  return (
    <section className={styles.part}>
      <div className={styles.rawHead}>
        <h3>Raw event</h3>
        <Segmented
          label="How the raw event is shown"
          choices={LOOKS}
          selected={look}
          onSelect={setLook}
          say={(one) => (one === 'tree' ? 'Tree' : 'Verbatim')}
        />
        <CopyButton text={text} what="JSON" wide />
      </div>
      {look === 'tree' ? (
        <JsonView value={raw} what="event" open={1} />
      ) : (
        <section className={styles.verbatim} aria-label="Verbatim JSON" {...SCROLLABLE}>
          <pre>{isWhole ? text : text.slice(0, SHORT)}</pre>
          {text.length > SHORT && !isWhole && (
            <button type="button" className={styles.more} onClick={() => setIsWhole(true)}>
              all {text.length} characters
            </button>
          )}
        </section>
      )}
    </section>
  )
}
