import { useCallback, useSyncExternalStore } from 'react'

export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

const NAME = 'event-store-theme'
const listeners = new Set<() => void>()

/** What was chosen before on this machine; `system` follows the operating system. */
export function storedTheme(): Theme {
  const stored = localStorage.getItem(NAME)
  return THEMES.find((theme) => theme === stored) ?? 'system'
}

export function applyTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

/** The theme that was chosen, and a function to choose another. */
export function useTheme(): readonly [Theme, (theme: Theme) => void] {
  const theme = useSyncExternalStore(subscribe, storedTheme)
  const choose = useCallback((chosen: Theme) => {
    if (chosen === 'system') localStorage.removeItem(NAME)
    else localStorage.setItem(NAME, chosen)
    applyTheme(chosen)
    for (const listener of listeners) listener()
  }, [])
  return [theme, choose]
}

/** Whether the page is dark now. For what is drawn, and cannot take its colours from the style sheet. */
export function useIsDark(): boolean {
  return useSyncExternalStore(subscribe, isDark)
}

const systemIsDark = matchMedia('(prefers-color-scheme: dark)')

function isDark(): boolean {
  const theme = storedTheme()
  return theme === 'system' ? systemIsDark.matches : theme === 'dark'
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  systemIsDark.addEventListener('change', listener)
  addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    systemIsDark.removeEventListener('change', listener)
    removeEventListener('storage', listener)
  }
}
