import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { member, text } from '../../../../model/event-context.ts'
import type { ConversationItem } from '../../../data/conversation-item.ts'
import { Button, IconButton } from '../../../ui/button/button.tsx'
import { classes } from '../../../ui/classes.ts'
import { formatClock, formatCount } from '../../../ui/format.ts'
import { firstAfter, type Spans } from '../spans/spans.ts'
import styles from './replay.module.css'
import type { Replay } from './use-replay.ts'

/** Events per second. */
const SPEEDS = [2, 10, 50, 250] as const

/** How often a step is shown at most, in milliseconds. */
const FRAME_MS = 50

/** Places on the track at which something can be marked. */
const BUCKETS = 200

export interface ReplayBarProps extends Replay {
  /** All that is loaded. */
  readonly items: readonly ConversationItem[]
  readonly spans: Spans
}

/** Shows the whole conversation as it was at an event. */
export function ReplayBar({ items, spans, at, setAt }: ReplayBarProps) {
  const [isPlaying, setIsPlaying] = useState(false)
  const [speed, setSpeed] = useState<number>(SPEEDS[1])
  const count = items.length
  const shown = at === null ? count : Math.max(1, firstAfter(items, at))
  const item = items[shown - 1]
  const isNow = at === null

  const show = (index: number) => setAt(index >= count ? null : (items[Math.max(0, index - 1)]?.seq ?? null))
  const step = useEffectEvent((events: number) => {
    if (shown + events >= count) setIsPlaying(false)
    show(shown + events)
  })
  useEffect(() => {
    if (!isPlaying) return
    const period = Math.max(FRAME_MS, 1000 / speed)
    const timer = setInterval(() => step(Math.round((speed * period) / 1000)), period)
    return () => clearInterval(timer)
  }, [isPlaying, speed])

  const play = () => {
    if (!isPlaying && isNow) show(1)
    setIsPlaying(!isPlaying)
  }
  const move = (index: number) => {
    setIsPlaying(false)
    show(index)
  }
  return (
    <section className={classes(styles.bar, !isNow && styles.replaying)} aria-label="Replay">
      <div className={styles.buttons}>
        <IconButton
          icon={isPlaying ? 'pause' : 'runs'}
          label={isPlaying ? 'Pause' : 'Play from here'}
          onClick={play}
          disabled={count < 2}
        />
        <IconButton icon="back" label="One event back" onClick={() => move(shown - 1)} disabled={shown <= 1} />
        <IconButton icon="chevron" label="One event on" onClick={() => move(shown + 1)} disabled={isNow} />
      </div>
      <div className={styles.track}>
        <Signs items={items} spans={spans} />
        <input
          type="range"
          aria-label="Show the conversation as it was at event"
          aria-valuetext={`event ${shown} of ${count}${isNow ? ', now' : ''}, ${describe(item)}`}
          min={1}
          max={Math.max(1, count)}
          value={shown}
          onChange={(event) => move(Number(event.target.value))}
          onKeyDown={(event) => {
            // Browsers disagree about how far these go.
            const by = Math.max(1, Math.round(count / 20))
            if (event.key === 'PageUp') move(Math.min(count, shown + by))
            else if (event.key === 'PageDown') move(Math.max(1, shown - by))
            else return
            event.preventDefault()
          }}
          style={{ backgroundSize: `${count < 2 ? 100 : ((shown - 1) / (count - 1)) * 100}% 4px` }}
        />
      </div>
      <div className={styles.place}>
        <span className={styles.number}>
          {formatCount(shown)} <span className={styles.quiet}>/ {formatCount(count)}</span>
        </span>
        <span className={styles.what}>{describe(item)}</span>
      </div>
      <label className={styles.speed}>
        <span className="visually-hidden">Speed of the replay</span>
        <select value={speed} onChange={(event) => setSpeed(Number(event.target.value))}>
          {SPEEDS.map((one) => (
            <option key={one} value={one}>
              {one}/s
            </option>
          ))}
        </select>
      </label>
      <Button look={isNow ? 'quiet' : 'primary'} disabled={isNow} onClick={() => move(count)}>
        {isNow ? 'Now' : 'Back to now'}
      </Button>
    </section>
  )
}

/** Where requests begin, and where something failed. */
function Signs({ items, spans }: Pick<ReplayBarProps, 'items' | 'spans'>) {
  const first = items[0]?.seq ?? 1
  const last = items.at(-1)?.seq ?? 1
  const { begins, failures } = useMemo(() => {
    const bucket = (seq: number) => Math.round(((seq - first) / Math.max(1, last - first)) * BUCKETS)
    const isLoaded = (seq: number) => seq <= last
    const begins = [...spans.requests.values()].map(([root]) => root?.id ?? 1).filter(isLoaded)
    return { begins: new Set(begins.map(bucket)), failures: new Set(spans.failures.filter(isLoaded).map(bucket)) }
  }, [spans, first, last])
  const left = (bucket: number) => ({ left: `${(bucket / BUCKETS) * 100}%` })
  return (
    <div className={styles.signs} aria-hidden="true">
      {[...begins].map((bucket) => (
        <i key={`b${bucket}`} className={styles.begin} style={left(bucket)} />
      ))}
      {[...failures].map((bucket) => (
        <i key={`f${bucket}`} className={styles.failure} style={left(bucket)} />
      ))}
    </div>
  )
}

function describe(item: ConversationItem | undefined): string {
  const type = text(member(item?.raw, 'event_type')) ?? 'event'
  const context = member(item?.raw, 'event_context')
  const name = text(member(context, 'name')) ?? text(member(context, 'topic_name'))
  const at = Date.parse(text(member(item?.raw, 'timestamp')) ?? '')
  return [type, name, Number.isNaN(at) ? null : formatClock(at)].filter((part) => part).join(' · ')
}
