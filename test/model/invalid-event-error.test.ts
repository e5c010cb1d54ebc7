import { expect, it } from 'vitest'
import { InvalidEventError } from '../../src/model/invalid-event-error.ts'

it('says in its message which event is wrong, where and how', () => {
  const error = new InvalidEventError([
    { index: 2, path: 'timestamp', message: 'is missing: send a string' },
    { index: 3, path: '', message: 'has the wrong type: send an object' },
  ])
  expect(error.tag).toBe('invalid-event')
  expect(error.message).toBe(
    'No event was recorded. Event 2: timestamp is missing: send a string. Event 3: it has the wrong type: send an object.',
  )
})

it('keeps its message short when much is wrong', () => {
  const issues = Array.from({ length: 5_000 }, (_, index) => ({ index, path: 'event_id', message: 'is missing: send a string' }))
  const error = new InvalidEventError(issues)
  expect(error.issues).toHaveLength(5_000)
  expect(error.message).toMatch(/Event 4: .* And 4995 more\.$/)
})
