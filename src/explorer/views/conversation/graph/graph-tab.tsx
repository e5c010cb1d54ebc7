import { useDeferredValue, useMemo, useState } from 'react'
import { choiceParam, useQueryParams } from '../../../routing/query-params.ts'
import { Button } from '../../../ui/button/button.tsx'
import { formatCount } from '../../../ui/format.ts'
import { Segmented } from '../../../ui/segmented/segmented.tsx'
import { EmptyState } from '../../../ui/states/states.tsx'
import type { ConversationTabProps } from '../conversation-tab.ts'
import { marksOf } from '../spans/span.ts'
import styles from './graph.module.css'
import { GraphCanvas } from './graph-canvas.tsx'
import { GraphList } from './graph-list.tsx'
import { useLayout } from './layout/use-layout.ts'
import { isSameGraph, neighbourhood } from './neighbourhood.ts'
import type { TopicNode } from './topic-graph.ts'
import { useTopicNodes } from './use-topic-nodes.ts'

const SHAPES = ['graph', 'list'] as const
const PARAMS = { shape: choiceParam(SHAPES) }
const WORDS = { graph: 'Graph', list: 'List' } as const

/** Events that are shown whole. More are neither laid out in a moment nor seen at once. */
const WHOLE = 600

/** Of a larger graph, events that are shown at first, and how many that grows to. */
const FIRST = 200
const MOST = 1_600

/** What led to what: the topic events, from left to right. */
export default function GraphTab({ events, seq, onSelect, spans }: ConversationTabProps) {
  const [{ shape }, set] = useQueryParams(PARAMS)
  const [limit, setLimit] = useState(FIRST)
  const items = useDeferredValue(events.items)
  const until = items.at(-1)?.seq ?? 0
  const all = useTopicNodes(items)
  const known = useMemo(() => new Set(all.map((node) => node.seq)), [all])
  const place = seq === null ? undefined : spans.placeOf(seq)
  const ofRun = place && place.kind !== 'mark' ? marksOf(place.span, until).filter((mark) => known.has(mark.seq)) : []
  // By its members: a new set would draw everything anew.
  const relatedSeqs = ofRun.map((mark) => mark.seq).join(' ')
  const related = useMemo(() => new Set(relatedSeqs === '' ? [] : relatedSeqs.split(' ').map(Number)), [relatedSeqs])
  const selected = seq !== null && known.has(seq) ? seq : null

  const isLarge = all.length > WHOLE
  // What is shown stays as long as what is selected is among it, else every click would move everything.
  const [centre, setCentre] = useState<number | null>(null)
  const shownCentre = centre ?? selected ?? [...related][0] ?? all.at(-1)?.seq ?? 0
  const shown = useMemo(() => (isLarge ? neighbourhood(all, shownCentre, limit) : all), [all, isLarge, shownCentre, limit])
  const wanted = selected ?? [...related][0]
  if (isLarge && wanted !== undefined && !shown.some((node) => node.seq === wanted) && centre !== wanted) setCentre(wanted)
  const laidOut = useLayout(useSame(shown))

  if (all.length === 0) {
    return events.phase === 'loading' ? null : (
      <EmptyState icon="topic" title="No topic events">
        The graph shows what was published to topics and read from them. The events up to here tell of none.
      </EmptyState>
    )
  }
  const counted = isLarge
    ? `${formatCount(shown.length)} of ${formatCount(all.length)} topic events, those nearest to event ${shownCentre}`
    : `${formatCount(all.length)} topic event${all.length === 1 ? '' : 's'}`
  return (
    <div className={styles.tab}>
      <div className={styles.toolbar}>
        <Segmented
          label="Shape of the graph"
          choices={SHAPES}
          selected={shape}
          onSelect={(next) => set({ shape: next })}
          say={(one) => WORDS[one]}
        />
        <span className={styles.count}>{counted}</span>
        {isLarge && limit < Math.min(MOST, all.length) && (
          <Button onClick={() => setLimit(Math.min(MOST, limit * 2))}>
            Show {formatCount(Math.min(MOST, limit * 2, all.length))}
          </Button>
        )}
        {isLarge && wanted !== undefined && wanted !== shownCentre && (
          <Button look="quiet" onClick={() => setCentre(wanted)}>
            Centre on event {wanted}
          </Button>
        )}
        {shape === 'graph' && laidOut.isBusy && (
          <span role="status" className={styles.busy}>
            Laying out
          </span>
        )}
      </div>
      {shape === 'list' ? (
        <GraphList nodes={shown} selected={selected} related={related} onSelect={onSelect} />
      ) : (
        <GraphCanvas nodes={laidOut.nodes} places={laidOut.places} selected={selected} related={related} onSelect={onSelect} />
      )}
    </div>
  )
}

/** The nodes as they were, while they are the same: most of what is recorded is far from what is shown. */
function useSame(nodes: readonly TopicNode[]): readonly TopicNode[] {
  const [last, setLast] = useState(nodes)
  if (last === nodes || isSameGraph(last, nodes)) return last
  setLast(nodes)
  return nodes
}
