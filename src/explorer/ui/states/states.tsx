import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { type Failure, failureOf } from '../../data/failure.ts'
import { Button } from '../button/button.tsx'
import { classes } from '../classes.ts'
import { Icon, type IconName } from '../icons.tsx'
import styles from './states.module.css'

export type ViewState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly retry: () => void }
  | { readonly kind: 'empty' }
  | { readonly kind: 'ready' }

export interface StatesProps {
  readonly state: ViewState
  /** In place of the skeleton. */
  readonly loading?: ReactNode
  readonly empty?: ReactNode
  readonly children: ReactNode
}

/** What a view shows instead of its content while that is not there. */
export function States({
  state,
  loading = <LoadingState />,
  empty = <EmptyState title="Nothing here" />,
  children,
}: StatesProps) {
  switch (state.kind) {
    case 'loading':
      return loading
    case 'failed':
      return <ErrorState failure={state.failure} onRetry={state.retry} />
    case 'empty':
      return empty
    case 'ready':
      return children
  }
}

export interface QueryStatesProps<Data> {
  readonly query: UseQueryResult<Data>
  readonly isEmpty?: (data: Data) => boolean
  readonly loading?: ReactNode
  readonly empty?: ReactNode
  readonly children: (data: Data) => ReactNode
}

/** As `States`, for a query of TanStack Query. What was loaded stays when a refresh fails, with a notice above. */
export function QueryStates<Data>({ query, isEmpty, children, ...rest }: QueryStatesProps<Data>) {
  const { data, error, refetch } = query
  const retry = () => void refetch()
  if (data === undefined) {
    const state: ViewState = error ? { kind: 'failed', failure: failureOf(error), retry } : { kind: 'loading' }
    return (
      <States state={state} {...rest}>
        {null}
      </States>
    )
  }
  return (
    <>
      {error && <ErrorNotice failure={failureOf(error)} onRetry={retry} />}
      <States state={{ kind: isEmpty?.(data) ? 'empty' : 'ready' }} {...rest}>
        {children(data)}
      </States>
    </>
  )
}

/** Grey lines in the place of what comes. */
export function LoadingState({ lines = 6 }: { readonly lines?: number }) {
  return (
    <div className={styles.skeleton}>
      <span role="status" className="visually-hidden">
        Loading
      </span>
      {Array.from({ length: lines }, (_, line) => `line-${line}`).map((line) => (
        <span key={line} className={styles.line} />
      ))}
    </div>
  )
}

interface NoteProps {
  readonly icon?: IconName
  readonly title: string
  readonly children?: ReactNode
}

/** Nothing is there: say why, and how something would come. */
export function EmptyState({ icon = 'conversations', title, children }: NoteProps) {
  return (
    <div className={styles.note}>
      <span className={styles.sign}>
        <Icon name={icon} size={18} />
      </span>
      <h2>{title}</h2>
      {children && <div className={styles.detail}>{children}</div>}
    </div>
  )
}

interface ErrorStateProps {
  readonly failure: Failure
  readonly onRetry?: (() => void) | undefined
}

export function ErrorState({ failure, onRetry }: ErrorStateProps) {
  const { kind, title, detail, scope, requestId } = failure
  const isNoAccess = kind === 'no-access'
  return (
    <div className={styles.note} role="alert">
      <span className={classes(styles.sign, !isNoAccess && styles.bad)}>
        <Icon name={isNoAccess ? 'lock' : 'alert'} size={18} />
      </span>
      <h2>{isNoAccess ? 'No access' : title}</h2>
      <div className={styles.detail}>
        {isNoAccess && scope !== null ? (
          <p>
            Your key lacks the scope <code>{scope}</code>. Sign in with one that has it.
          </p>
        ) : (
          <p>{detail}</p>
        )}
        {requestId !== null && (
          <p className={styles.request}>
            Request <code>{requestId}</code>
          </p>
        )}
      </div>
      {onRetry && (
        <Button icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}

/** A failure beside content that is there. */
export function ErrorNotice({ failure, onRetry }: ErrorStateProps) {
  return (
    <div className={styles.notice} role="alert">
      <Icon name="alert" size={14} />
      <span>
        <strong>{failure.title}.</strong> {failure.detail}
      </span>
      {onRetry && (
        <Button look="quiet" icon="refresh" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  )
}
