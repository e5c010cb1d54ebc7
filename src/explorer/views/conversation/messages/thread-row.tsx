import { type ReactNode, useId } from 'react'
import { CopyButton } from '../../../ui/button/copy-button.tsx'
import { classes } from '../../../ui/classes.ts'
import { formatClock, formatExact } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import { ExactTime } from '../../../ui/time.tsx'
import { contentParts, messageTime, plainText } from './content.ts'
import { type Expansion, LongText } from './long-text.tsx'
import styles from './messages.module.css'
import { RoleLabel } from './role-label.tsx'
import type { ThreadCall, ThreadMessage, ThreadRow } from './thread-rows.ts'

interface Shared {
  /** The keys of what belongs to the selected event. */
  readonly selected: ReadonlySet<string>
  readonly expansion: Expansion
  readonly onSelect: (seq: number) => void
}

export interface ThreadRowProps extends Shared {
  readonly row: ThreadRow
  /** From 1. */
  readonly position: number
  readonly count: number
}

export function ThreadRowView({ row, position, count, ...shared }: ThreadRowProps) {
  const titleId = useId()
  const place = { position, count, titleId }
  switch (row.kind) {
    case 'request':
      return (
        <Article {...place} className={styles.request}>
          <span id={titleId}>
            Request <code>{row.request ?? 'without an id'}</code>
          </span>
          <ExactTime at={row.at} />
        </Article>
      )
    case 'failure': {
      const { failure, key } = row
      return (
        <Article {...place} className={classes(styles.message, styles.failure, shared.selected.has(key) && styles.selected)}>
          <Head seq={failure.seq} at={failure.at} onSelect={shared.onSelect} copied={failure.error} what="error">
            <span id={titleId} className={styles.failed}>
              <Icon name="alert" size={13} /> {failure.by ?? failure.type} failed
            </span>
          </Head>
          <LongText id={key} text={failure.error} expansion={shared.expansion} />
        </Article>
      )
    }
    case 'message':
      return <MessageRow {...place} {...shared} shown={row.shown} calls={row.calls} />
  }
}

interface Place {
  readonly position: number
  readonly count: number
  readonly titleId: string
}

interface MessageRowProps extends Shared, Place {
  readonly shown: ThreadMessage
  readonly calls: readonly ThreadCall[]
}

function MessageRow({ shown, calls, selected, expansion, onSelect, ...place }: MessageRowProps) {
  const { message, by, seq, key } = shown
  const look = message.role === 'tool' || message.role === 'function' ? 'data' : 'prose'
  return (
    <Article {...place} className={classes(styles.message, styles[message.role], selected.has(key) && styles.selected)}>
      <Head seq={seq} at={timeOf(shown)} onSelect={onSelect} copied={() => plainText(message, calls)} what="message">
        <span id={place.titleId} className={styles.who}>
          <RoleLabel role={message.role} />
          {message.name && <strong>{message.name}</strong>}
          {by && <span className={styles.by}>{by}</span>}
        </span>
      </Head>
      <Content shown={shown} look={look} expansion={expansion} />
      {calls.map((call, index) => (
        <Call
          key={call.id ?? index}
          {...{ call, selected, expansion, onSelect }}
          id={`${key} ${call.id ?? index}`}
          callId={call.id}
        />
      ))}
    </Article>
  )
}

interface CallProps extends Shared {
  readonly call: ThreadCall
  readonly callId: string | null
  readonly id: string
}

function Call({ call, callId, id, selected, expansion, onSelect }: CallProps) {
  return (
    <div className={styles.call}>
      <div className={styles.callHead}>
        <Icon name="tool" size={12} />
        <strong>{call.name}</strong>
        {callId && <code>{callId}</code>}
      </div>
      {call.arguments !== '' && <LongText id={`${id} arguments`} text={call.arguments} look="data" expansion={expansion} />}
      {call.results.length === 0 && <p className={styles.open}>No result was recorded</p>}
      {call.results.map((result) => (
        <div key={result.key} className={classes(styles.result, selected.has(result.key) && styles.selected)}>
          <Head
            seq={result.seq}
            at={timeOf(result)}
            onSelect={onSelect}
            copied={() => plainText(result.message)}
            what={`result of ${call.name}`}
          >
            <span className={styles.who}>
              <span className={styles.resultWord}>Result</span>
              {result.by && <span className={styles.by}>{result.by}</span>}
            </span>
          </Head>
          <Content shown={result} look="data" expansion={expansion} />
        </div>
      ))}
    </div>
  )
}

interface ContentProps {
  readonly shown: ThreadMessage
  readonly look: 'prose' | 'data'
  readonly expansion: Expansion
}

function Content({ shown: { key, message }, look, expansion }: ContentProps) {
  const parts = contentParts(message).map((part, index) => ({ ...part, id: `${key} ${index}` }))
  if (parts.length === 0 && !message.tool_calls?.length && !message.function_call) return <p className={styles.open}>Empty</p>
  return parts.map(({ id, kind, text }) => {
    if (kind === 'media') {
      return (
        <p key={id} className={styles.media}>
          {text}
        </p>
      )
    }
    const shownText = <LongText key={id} id={id} text={text} look={kind === 'json' ? 'data' : look} expansion={expansion} />
    if (kind !== 'refusal') return shownText
    return (
      <div key={id} className={styles.refusal}>
        <strong>Refused</strong>
        {shownText}
      </div>
    )
  })
}

interface HeadProps {
  readonly seq: number
  readonly at: string
  readonly onSelect: (seq: number) => void
  readonly copied: string | (() => string)
  /** What is copied. */
  readonly what: string
  readonly children: ReactNode
}

/** Who and when, the way to the event, and a copy. */
function Head({ seq, at, onSelect, copied, what, children }: HeadProps) {
  const ms = Date.parse(at)
  return (
    <div className={styles.head}>
      {children}
      <span className={styles.side}>
        <time dateTime={at} title={Number.isNaN(ms) ? at : `${formatExact(ms)} (${at})`}>
          {Number.isNaN(ms) ? at : formatClock(ms)}
        </time>
        <button type="button" className={styles.event} onClick={() => onSelect(seq)}>
          event {seq}
        </button>
        <CopyButton text={copied} what={what} />
      </span>
    </div>
  )
}

interface ArticleProps extends Place {
  readonly className: string | undefined
  readonly children: ReactNode
}

/** An article of a feed can be focused, so that its keys lead from one to the next. */
const FOCUSABLE = { tabIndex: 0 }

function Article({ position, count, titleId, className, children }: ArticleProps) {
  return (
    <article aria-posinset={position} aria-setsize={count} aria-labelledby={titleId} className={className} {...FOCUSABLE}>
      {children}
    </article>
  )
}

function timeOf({ message, at }: ThreadMessage): string {
  return messageTime(message) ?? at
}
