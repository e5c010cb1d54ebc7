import { useId } from 'react'
import { TIME_RANGES, type TimeRangeName } from '../../routing/time-range.ts'
import styles from './segmented.module.css'

export interface SegmentedProps<Choice extends string> {
  readonly label: string
  readonly choices: readonly Choice[]
  readonly selected: Choice
  readonly onSelect: (choice: Choice) => void
  /** Words for a choice. Default: the choice itself. */
  readonly say?: (choice: Choice) => string
}

/** One of a few, all in sight: radio buttons in the shape of a bar. */
export function Segmented<Choice extends string>(props: SegmentedProps<Choice>) {
  const { label, choices, selected, onSelect, say = (choice) => choice } = props
  const name = useId()
  return (
    <fieldset className={styles.bar}>
      <legend className="visually-hidden">{label}</legend>
      {choices.map((choice) => (
        <label key={choice} className={styles.choice}>
          <input
            type="radio"
            name={name}
            className="visually-hidden"
            checked={choice === selected}
            onChange={() => onSelect(choice)}
          />
          <span>{say(choice)}</span>
        </label>
      ))}
    </fieldset>
  )
}

export interface TimeRangePickerProps {
  readonly range: TimeRangeName
  readonly onSelect: (range: TimeRangeName) => void
}

/** For `useTimeRange`. */
export function TimeRangePicker({ range, onSelect }: TimeRangePickerProps) {
  return <Segmented label="Range of time" choices={TIME_RANGES} selected={range} onSelect={onSelect} />
}
