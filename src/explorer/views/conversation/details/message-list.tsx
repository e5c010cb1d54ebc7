import { useState } from 'react'
import { Badge } from '../../../ui/badge/badge.tsx'
import { Icon } from '../../../ui/icons.tsx'
import styles from './details.module.css'
import type { ReadableMessage } from './payload-messages.ts'

/** Messages that are shown at first: an LLM's input is the whole conversation, and its end is what matters. */
const LAST = 3

/** Characters of a message that are shown at first. */
const SHORT = 700

export function MessageList({ title, messages }: { readonly title: string; readonly messages: readonly ReadableMessage[] }) {
  const [isWhole, setIsWhole] = useState(false)
  if (messages.length === 0) return null
  const shown = isWhole ? messages : messages.slice(-LAST)
  return (
    <section className={styles.part}>
      <h3>
        {title} <span className={styles.quiet}>{messages.length > 1 ? `${messages.length} messages` : ''}</span>
      </h3>
      {shown.length < messages.length && (
        <button type="button" className={styles.more} onClick={() => setIsWhole(true)}>
          {messages.length - shown.length} earlier
        </button>
      )}
      <ol className={styles.messages}>
        {shown.map((message) => (
          <li key={message.key}>
            <Badge>{message.role}</Badge>
            {message.text && <Text text={message.text} />}
            {message.calls.map((call) => (
              <p key={call.key} className={styles.call}>
                <Icon name="tool" size={11} /> <strong>{call.name}</strong> <code>{call.arguments}</code>
              </p>
            ))}
          </li>
        ))}
      </ol>
    </section>
  )
}

function Text({ text }: { readonly text: string }) {
  const [isWhole, setIsWhole] = useState(false)
  const isLong = text.length > SHORT && !isWhole
  return (
    <p className={styles.text}>
      {isLong ? `${text.slice(0, SHORT)}… ` : text}
      {isLong && (
        <button type="button" className={styles.more} onClick={() => setIsWhole(true)}>
          all {text.length} characters
        </button>
      )}
    </p>
  )
}
