import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'

export function start(): void {
  const root = document.getElementById('explorer')
  if (!root) throw new Error('the page has no place for the explorer')
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
}
