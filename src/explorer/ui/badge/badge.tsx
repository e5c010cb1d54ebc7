import type { ReactNode } from 'react'
import { classes } from '../classes.ts'
import { type Family, familyOf } from '../family.ts'
import { Icon } from '../icons.tsx'
import styles from './badge.module.css'

export type Tone = 'neutral' | 'accent' | 'success' | 'warning' | 'danger'

/** A word on a field of colour: the word has to say it without the colour. */
export function Badge({ tone = 'neutral', children }: { readonly tone?: Tone; readonly children: ReactNode }) {
  return <span className={classes(styles.badge, styles[tone])}>{children}</span>
}

/** The shape and colour of a family, with a word. */
export function FamilyLabel({ family, children }: { readonly family: Family; readonly children?: ReactNode }) {
  return (
    <span className={classes(styles.family, styles[family])}>
      <Icon name={family} size={13} />
      <span>{children ?? family}</span>
    </span>
  )
}

/** An event's type, with the shape and colour of its family. */
export function EventTypeLabel({ type }: { readonly type: string }) {
  return <FamilyLabel family={familyOf(type)}>{type}</FamilyLabel>
}
