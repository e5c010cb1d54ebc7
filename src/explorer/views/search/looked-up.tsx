import { classes } from '../../ui/classes.ts'
import { Icon } from '../../ui/icons.tsx'
import type { Finding } from './findings.ts'
import styles from './search.module.css'

const SAID = { loading: 'looking', found: 'found', nothing: 'nothing', failed: 'not known' } as const

/** What came of each way of looking the text up. */
export function LookedUp({ findings }: { readonly findings: readonly Finding[] }) {
  const isDone = findings.every(({ outcome }) => outcome !== 'loading')
  const found = findings.filter(({ outcome }) => outcome === 'found').map(({ what }) => what.toLowerCase())
  return (
    <>
      <ul className={styles.findings} aria-label="Looked up as">
        {findings.map(({ what, outcome }) => (
          <li key={what} className={classes(styles.finding, styles[outcome])}>
            {(outcome === 'found' || outcome === 'failed') && <Icon name={outcome === 'found' ? 'check' : 'alert'} size={13} />}
            {what}: <span>{SAID[outcome]}</span>
          </li>
        ))}
      </ul>
      <p role="status" className="visually-hidden">
        {isDone && `Search done. Found as: ${found.join(', ') || 'nothing'}.`}
      </p>
    </>
  )
}
