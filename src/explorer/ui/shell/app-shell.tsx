import { type ReactNode, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { PATHS } from '../../routing/paths.ts'
import { Button, IconButton } from '../button/button.tsx'
import { classes } from '../classes.ts'
import { Icon, type IconName } from '../icons.tsx'
import { THEMES, type Theme, useTheme } from '../theme.ts'
import styles from './shell.module.css'

const PLACES: readonly { readonly path: string; readonly label: string; readonly icon: IconName }[] = [
  { path: PATHS.overview, label: 'Overview', icon: 'overview' },
  { path: PATHS.conversations, label: 'Conversations', icon: 'conversations' },
  { path: PATHS.unfinished, label: 'Unfinished', icon: 'unfinished' },
  { path: PATHS.runs, label: 'Application runs', icon: 'runs' },
  { path: PATHS.search, label: 'Search', icon: 'search' },
]

export interface AppShellProps {
  /** Absent where there is nothing to sign out of. */
  readonly onSignOut?: (() => void) | undefined
  /** Without it only the brand and the theme are there. */
  readonly hasNavigation?: boolean
  readonly children: ReactNode
}

/** The frame around every view: a bar at the side, on narrow screens at the top. */
export function AppShell({ onSignOut, hasNavigation = true, children }: AppShellProps) {
  const [location] = useLocation()
  const [openAt, setOpenAt] = useState<string | null>(null)
  // The menu of a narrow screen closes by going somewhere.
  const isOpen = openAt === location
  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        Skip to content
      </a>
      <header className={styles.bar}>
        <div className={styles.top}>
          <Link href={PATHS.overview} className={styles.brand}>
            <span className={styles.mark}>
              <Icon name="brand" size={13} />
            </span>
            Event store
          </Link>
          <IconButton
            icon={isOpen ? 'close' : 'menu'}
            label={isOpen ? 'Close menu' : 'Open menu'}
            aria-expanded={isOpen}
            aria-controls="menu"
            className={styles.menuButton}
            onClick={() => setOpenAt(isOpen ? null : location)}
          />
        </div>
        <div id="menu" className={classes(styles.menu, isOpen && styles.open)}>
          {hasNavigation && (
            <nav aria-label="Views">
              <ul className={styles.places}>
                {PLACES.map(({ path, label, icon }) => (
                  <li key={path}>
                    <Link href={path} className={styles.place} aria-current={isAt(location, path) ? 'page' : undefined}>
                      <Icon name={icon} />
                      {label}
                    </Link>
                  </li>
                ))}
              </ul>
            </nav>
          )}
          <div className={styles.foot}>
            <a href="/docs" className={styles.place}>
              <Icon name="external" />
              API reference
            </a>
            {onSignOut && (
              <button type="button" className={styles.place} onClick={onSignOut}>
                <Icon name="signOut" />
                Sign out
              </button>
            )}
            <ThemeButton />
          </div>
        </div>
      </header>
      <main id="main" tabIndex={-1} className={styles.main}>
        {children}
      </main>
    </div>
  )
}

const THEME_ICONS: Readonly<Record<Theme, IconName>> = { system: 'system', light: 'sun', dark: 'moon' }

function ThemeButton() {
  const [theme, choose] = useTheme()
  const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'system'
  return (
    <Button
      look="quiet"
      icon={THEME_ICONS[theme]}
      className={styles.theme}
      title={`Switch to ${next}`}
      onClick={() => choose(next)}
    >
      Theme: {theme}
    </Button>
  )
}

function isAt(location: string, path: string): boolean {
  return path === PATHS.overview ? location === path : location === path || location.startsWith(`${path}/`)
}
