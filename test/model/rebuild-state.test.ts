import { describe, expect, it } from 'vitest'
import { rebuildState } from '../../src/model/rebuild-state.ts'

const EVENTS = [
  { event_id: 'a', timestamp: '2025-01-01T00:00:02Z' },
  { event_id: 'b', timestamp: '2025-01-01T00:00:01Z' },
]

const ids = (state: readonly string[], event: { event_id: string }) => [...state, event.event_id]

async function* slowly<T>(items: Iterable<T>) {
  for (const item of items) yield await Promise.resolve(item)
}

describe('rebuildState', () => {
  it('folds in the order of recording, whatever the clocks say', () => {
    expect(rebuildState(EVENTS, ids, ['start'])).toEqual(['start', 'a', 'b'])
    expect(rebuildState(new Set(EVENTS), ids, [])).toEqual(['a', 'b'])
  })

  it('answers with the initial state when there are no events', () => {
    expect(rebuildState([], ids, ['start'])).toEqual(['start'])
  })

  it('folds events that arrive one by one', async () => {
    await expect(rebuildState(slowly(EVENTS), ids, [])).resolves.toEqual(['a', 'b'])
  })

  it('ends with the error of its reducer', async () => {
    const broken = () => {
      throw new Error('an unexpected event')
    }
    expect(() => rebuildState(EVENTS, broken, 0)).toThrow('an unexpected event')
    await expect(rebuildState(slowly(EVENTS), broken, 0)).rejects.toThrow('an unexpected event')
  })
})
