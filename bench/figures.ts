import { answer, renderTableOf, round } from './report/table.ts'

/** One line of the report. Every number was measured. */
export interface Figure {
  readonly name: string
  readonly unit: string
  readonly value: number
  /** The same of the control, in the same unit. */
  readonly control?: number
  /** What `aim` is held against: the value, or its ratio to the control or to the smallest case. */
  readonly ratio?: number
  readonly aim?: Aim
}

export interface Aim {
  readonly of: 'value' | 'ratio'
  readonly at: 'least' | 'most'
  readonly bound: number
}

export const atLeast = (of: Aim['of'], bound: number): Aim => ({ of, at: 'least', bound })
export const atMost = (of: Aim['of'], bound: number): Aim => ({ of, at: 'most', bound })

/** Null where the figure has no aim. */
export function isMet({ value, ratio, aim }: Figure): boolean | null {
  if (!aim) return null
  const held = aim.of === 'value' ? value : (ratio ?? Number.NaN)
  return aim.at === 'least' ? held >= aim.bound : held <= aim.bound
}

/** The figures as lines of a table in Markdown. */
export function renderTable(figures: readonly Figure[]): string {
  return renderTableOf(
    ['what', 'store', 'control', 'ratio', 'aim', 'met'],
    figures.map((figure) => [
      figure.name,
      `${round(figure.value)} ${figure.unit}`,
      figure.control === undefined ? '' : round(figure.control),
      figure.ratio === undefined ? '' : round(figure.ratio),
      renderAim(figure),
      answer(isMet(figure)),
    ]),
  )
}

function renderAim({ aim, unit }: Figure): string {
  if (!aim) return ''
  const sign = aim.at === 'least' ? '>=' : '<='
  return aim.of === 'ratio' ? `ratio ${sign} ${aim.bound}` : `${sign} ${aim.bound} ${unit}`
}
