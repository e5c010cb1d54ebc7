import { expect, it } from 'vitest'
import { watchEnd } from '../../src/http/watch-end.ts'

function source(chunks: number, last: 'close' | 'break') {
  const state = { pulled: 0, cancelled: false }
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (state.pulled < chunks) controller.enqueue(new Uint8Array([state.pulled++]))
        else if (last === 'close') controller.close()
        else controller.error(new Error('broken off'))
      },
      cancel() {
        state.cancelled = true
      },
    },
    { highWaterMark: 0 },
  )
  return { stream, state }
}

it('passes a body on as it is and tells that it has ended', async () => {
  const { body, ended } = watchEnd(source(3, 'close').stream)
  expect([...new Uint8Array(await new Response(body).arrayBuffer())]).toEqual([0, 1, 2])
  expect(await ended).toBe('read')
})

it('tells that a body was broken off, and breaks it off for the reader too', async () => {
  const { body, ended } = watchEnd(source(1, 'break').stream)
  await expect(new Response(body).arrayBuffer()).rejects.toThrow('broken off')
  expect(await ended).toBe('broken')
})

it('lets go of a body that its reader leaves, and tells so', async () => {
  const { stream, state } = source(3, 'close')
  const { body, ended } = watchEnd(stream)
  const reader = body.getReader()
  await reader.read()
  expect(state.pulled).toBe(1)
  await reader.cancel()
  expect(await ended).toBe('left')
  expect(state.cancelled).toBe(true)
})
