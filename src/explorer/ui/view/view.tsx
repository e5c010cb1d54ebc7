import { type ReactNode, useEffect, useRef } from 'react'
import { usePathname } from 'wouter/use-browser-location'
import styles from './view.module.css'

export interface ViewProps {
  readonly title: string
  /** For the browser's tab, where the heading would not say enough. */
  readonly documentTitle?: string
  /** Below the heading. */
  readonly subtitle?: ReactNode
  /** At the heading's side. */
  readonly actions?: ReactNode
  readonly children: ReactNode
}

/** The path that was shown last. The page's first one leaves the focus where the browser put it. */
let lastPath = location.pathname

/** What every view is in: heading, title of the page, and the focus on the heading after a way from another path. */
export function View({ title, documentTitle = title, subtitle, actions, children }: ViewProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  const path = usePathname()
  useEffect(() => {
    document.title = `${documentTitle} · Event store`
  }, [documentTitle])
  useEffect(() => {
    if (lastPath !== path) {
      scrollTo(0, 0)
      heading.current?.focus({ preventScroll: true })
    }
    lastPath = path
  }, [path])
  return (
    <div className={styles.view}>
      <header className={styles.header}>
        <div className={styles.titles}>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {subtitle !== undefined && <div className={styles.subtitle}>{subtitle}</div>}
        </div>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  )
}

/** A part of a view with its heading. */
export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={styles.section}>
      <h2>{title}</h2>
      {children}
    </section>
  )
}
