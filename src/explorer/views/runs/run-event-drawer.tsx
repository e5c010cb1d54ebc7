import { isRawJson, type JsonValue } from '../../../client/index.ts'
import { member } from '../../../model/event-context.ts'
import type { ConversationItem } from '../../data/conversation-item.ts'
import { FamilyLabel } from '../../ui/badge/badge.tsx'
import { Button } from '../../ui/button/button.tsx'
import { Drawer } from '../../ui/dialog/dialog.tsx'
import { EmptyState } from '../../ui/states/states.tsx'
import { ExactTime } from '../../ui/time.tsx'
import { RawEvent } from '../conversation/details/raw-event.tsx'
import { runEventOf } from './model/run-event.ts'
import styles from './runs.module.css'

export interface RunEventDrawerProps {
  readonly seq: number
  readonly items: readonly ConversationItem[]
  readonly onSelect: (seq: number | null) => void
}

/** One of the run's events, and the way to the ones beside it. */
export function RunEventDrawer({ seq, items, onSelect }: RunEventDrawerProps) {
  const index = indexOf(items, seq)
  const item = items[index]
  const step = (to: ConversationItem | undefined, word: string) => (
    <Button disabled={!to} onClick={() => to && onSelect(to.seq)}>
      {word}
    </Button>
  )
  return (
    <Drawer title={`Event ${seq}`} onClose={() => onSelect(null)}>
      {item ? (
        <div className={styles.details}>
          <div className={styles.steps}>
            {step(items[index - 1], 'Previous')}
            {step(items[index + 1], 'Next')}
          </div>
          <EventFacts item={item} />
          <RawEvent key={seq} item={item} />
        </div>
      ) : (
        <EmptyState icon="search" title={`Event ${seq} is not here`} />
      )}
    </Drawer>
  )
}

function EventFacts({ item }: { readonly item: ConversationItem }) {
  const { name, type, at, error } = runEventOf(item)
  const metadata = member(item.raw, 'metadata')
  const members = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : []
  return (
    <>
      <FamilyLabel family="application">{name ?? type}</FamilyLabel>
      {error !== null && <p className={styles.error}>{error}</p>}
      <dl className={styles.facts}>
        <div>
          <dt>Time</dt>
          <dd>
            <ExactTime at={new Date(at).toISOString()} />
          </dd>
        </div>
        <div>
          <dt>Recorded</dt>
          <dd>
            <ExactTime at={item.recorded_at} />
          </dd>
        </div>
        {members
          .filter(([, value]) => value !== null && value !== '')
          .map(([word, value]) => (
            <div key={word}>
              <dt>{word}</dt>
              <dd>{shortText(value)}</dd>
            </div>
          ))}
      </dl>
    </>
  )
}

/** Characters of a metadata member that are shown: all of it stands in the raw event. */
const SHORT = 200

function shortText(value: JsonValue): string {
  const text = typeof value === 'string' ? value : isRawJson(value) ? value.rawJSON : JSON.stringify(value)
  return text.length > SHORT ? `${text.slice(0, SHORT)}…` : text
}

/** Where an item of this seq is; -1 for none. They are in the order of seq. */
function indexOf(items: readonly ConversationItem[], seq: number): number {
  let [low, high] = [0, items.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((items[middle]?.seq ?? 0) < seq) low = middle + 1
    else high = middle
  }
  return items[low]?.seq === seq ? low : -1
}
