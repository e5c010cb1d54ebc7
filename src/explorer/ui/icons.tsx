import type { ReactNode } from 'react'

/** Shapes on a grid of 16, drawn in the text's colour. They say nothing to a screen reader: a word stands beside each. */
const SHAPES = {
  brand: <path d="M3 4h10M3 8h5.5M3 12h8" />,
  overview: <path d="M2 13.5h12M4 11V8m4 3V3m4 8V6" />,
  conversations: <path d="M2.5 3.5h11v7h-6l-3 2.5v-2.5h-2z" />,
  runs: <path d="M4 2.8v10.4L13 8z" />,
  unfinished: <path d="M8 4.5V8l2.5 1.5M14 8A6 6 0 1 1 8 2" />,
  search: <path d="M10.6 10.6 14 14M12 7A5 5 0 1 1 2 7a5 5 0 0 1 10 0z" />,
  menu: <path d="M2 4h12M2 8h12M2 12h12" />,
  close: <path d="m3.5 3.5 9 9m0-9-9 9" />,
  copy: <path d="M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3" />,
  check: <path d="m3 8.5 3.5 3.5L13 4.5" />,
  refresh: <path d="M13.5 8A5.5 5.5 0 1 1 11.6 3.8M13.5 2v3.2h-3.2" />,
  chevron: <path d="m6 3.5 4.5 4.5L6 12.5" />,
  back: <path d="M10 3.5 5.5 8l4.5 4.5" />,
  pause: <path d="M5 3v10M11 3v10" />,
  arrowDown: <path d="M8 2.5v11M3.5 9 8 13.5 12.5 9" />,
  external: <path d="M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7m-6 1.5 6-6" />,
  signOut: <path d="M6.5 2.5h-4v11h4M6 8h8m-3-3 3 3-3 3" />,
  alert: <path d="M8 5.5v3.2m0 2.3v.2M8 1.8 14.8 13.6H1.2z" />,
  lock: <path d="M3.5 7h9v6.5h-9zM5.5 7V4.5a2.5 2.5 0 0 1 5 0V7" />,
  sun: <path d="M11 8a3 3 0 1 1-6 0 3 3 0 0 1 6 0zM8 1v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1 1m8 8 1 1m0-10-1 1m-8 8-1 1" />,
  moon: <path d="M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7z" />,
  user: <path d="M10.5 5a2.5 2.5 0 1 1-5 0 2.5 2.5 0 0 1 5 0zM3 13.5c.4-2.6 2.3-4 5-4s4.6 1.4 5 4" />,
  plus: <path d="M8 3v10M3 8h10" />,
  minus: <path d="M3 8h10" />,
  fit: <path d="M2.5 6V2.5H6m4 0h3.5V6m0 4v3.5H10m-4 0H2.5V10" />,
  system: <path d="M2 3h12v8H2zM5.5 14h5" />,
  // The families of components, told apart by shape as well as by colour.
  assistant: <path d="M8 2.5a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11z" />,
  workflow: <path d="M5 2.8h6L14 8l-3 5.2H5L2 8z" />,
  node: <path d="M3 3h10v10H3z" />,
  tool: <path d="M8 2 14 8l-6 6-6-6z" />,
  topic: <path d="M2.5 4 6.5 8l-4 4M8.5 4l4 4-4 4" />,
  application: <path d="M8 2.5 14 13H2z" />,
} satisfies Record<string, ReactNode>

export type IconName = keyof typeof SHAPES

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      {SHAPES[name]}
    </svg>
  )
}
