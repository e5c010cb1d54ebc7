import { useMemo, useState } from 'react'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { Badge } from '../../../ui/badge/badge.tsx'
import { formatCount, formatDuration } from '../../../ui/format.ts'
import { Icon } from '../../../ui/icons.tsx'
import { ExactTime, RelativeTime, useNow } from '../../../ui/time.tsx'
import { extentOfAll, lastActivity, type RequestState, requestStates } from '../spans/requests.ts'
import type { Spans } from '../spans/spans.ts'
import styles from './header.module.css'
import { RequestList } from './request-list.tsx'
import { STATE_TONES, STATE_WORDS, stateOf } from './state.ts'

export interface ConversationFactsProps {
  /** As shown. */
  readonly items: readonly ConversationItem[]
  readonly spans: Spans
  readonly isReplay: boolean
  readonly isLoading: boolean
  readonly onSelect: (seq: number) => void
}

/** What became of the conversation, how much there is of it, and when it was. */
export function ConversationFacts({ items, spans, isReplay, isLoading, onSelect }: ConversationFactsProps) {
  const now = useNow()
  const [isListOpen, setIsListOpen] = useState(false)
  const last = items.at(-1)
  const until = last?.seq ?? 0
  const { requests, extent, recorded } = useMemo(
    () => ({ requests: requestStates(spans, until), extent: extentOfAll(spans, until), recorded: lastActivity(spans, last) }),
    [spans, until, last],
  )
  // A clock that is behind makes nothing old.
  const state = stateOf(requests.at(-1)?.outcome, recorded, isReplay ? recorded : Math.max(now, recorded))
  const iso = (micros: number) => new Date(micros / 1000).toISOString()
  return (
    <dl className={styles.facts}>
      <div>
        <dt>State</dt>
        <dd>
          {isLoading ? (
            <Badge>Loading</Badge>
          ) : (
            <Badge tone={STATE_TONES[state]}>{isReplay && state === 'running' ? 'Under way' : STATE_WORDS[state]}</Badge>
          )}
        </dd>
      </div>
      <div>
        <dt>Requests</dt>
        <dd>
          <button type="button" className={styles.requests} onClick={() => setIsListOpen(true)} disabled={requests.length === 0}>
            {requestCounts(requests)}
            <Icon name="chevron" size={10} />
          </button>
          {isListOpen && (
            <RequestList
              requests={requests}
              recorded={recorded}
              now={isReplay ? recorded : now}
              onClose={() => setIsListOpen(false)}
              onSelect={(seq) => {
                setIsListOpen(false)
                onSelect(seq)
              }}
            />
          )}
        </dd>
      </div>
      <div>
        <dt>Events</dt>
        <dd>
          {formatCount(items.length)}
          {isLoading && ' so far'}
        </dd>
      </div>
      {extent && (
        <>
          <div>
            <dt>Began</dt>
            <dd>
              <ExactTime at={iso(extent[0])} />
            </dd>
          </div>
          <div>
            <dt>Last event</dt>
            <dd>{isReplay ? <ExactTime at={iso(extent[1])} /> : <RelativeTime at={iso(extent[1])} />}</dd>
          </div>
          <div>
            <dt>Duration</dt>
            <dd>{formatDuration((extent[1] - extent[0]) / 1000)}</dd>
          </div>
        </>
      )}
    </dl>
  )
}

const OUTCOME_WORDS = { ended: 'answered', failed: 'failed', open: 'without an end' } as const

function requestCounts(requests: readonly RequestState[]): string {
  const counts = (['ended', 'failed', 'open'] as const)
    .map((outcome) => [requests.filter((one) => one.outcome === outcome).length, OUTCOME_WORDS[outcome]] as const)
    .filter(([count]) => count > 0)
  const [only] = counts
  if (requests.length === 1 && only) return `1 ${only[1]}`
  return [formatCount(requests.length), counts.map(([count, word]) => `${formatCount(count)} ${word}`).join(', ')]
    .filter((part) => part)
    .join(': ')
}
