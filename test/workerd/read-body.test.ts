import { describe, expect, it } from 'vitest'
import { readBody } from '../../src/http/read-body.ts'
import { MAX_REQUEST_BYTES } from '../../src/model/limits.ts'

const PIECE = 64 * 1024

/** A body of so many bytes that counts how many were taken, under whatever header. */
function sending(bytes: number, announced: string | null) {
  const state = { taken: 0 }
  const { readable, writable } = new IdentityTransformStream()
  const send = async () => {
    const writer = writable.getWriter()
    while (state.taken < bytes) {
      const piece = new Uint8Array(Math.min(PIECE, bytes - state.taken)).map((_, i) => (state.taken + i) % 251)
      await writer.write(piece)
      state.taken += piece.byteLength
    }
    await writer.close()
  }
  const sent = send().catch(() => undefined)
  const headers = new Headers(announced === null ? {} : { 'Content-Length': announced })
  return { state, sent, read: () => readBody({ headers, body: readable }) }
}

const isWhole = (body: Uint8Array, bytes: number) =>
  body.byteLength === bytes && body.every((byte, i) => byte === ((i % PIECE) + Math.floor(i / PIECE) * PIECE) % 251)

describe('the body of a request', () => {
  it.each([0, 1, 4095, 262_143, 262_144, 262_145, 1_000_000, MAX_REQUEST_BYTES])('of %i bytes is read whole', async (bytes) => {
    for (const announced of [String(bytes), null]) {
      expect(isWhole(await sending(bytes, announced).read(), bytes)).toBe(true)
    }
  })

  it.each(['0', '1', '300000', String(MAX_REQUEST_BYTES)])(
    'is read whole where it announces %s bytes and has others',
    async (announced) => {
      expect(isWhole(await sending(500_000, announced).read(), 500_000)).toBe(true)
    },
  )

  it.each([null, '0', '2', '1000000', String(MAX_REQUEST_BYTES)])(
    'is cut off at the limit, whatever it announces: %s',
    async (announced) => {
      const { read, sent, state } = sending(4 * MAX_REQUEST_BYTES, announced)
      await expect(read()).rejects.toMatchObject({ failure: { kind: 'too-large' } })
      await sent
      expect(state.taken).toBeLessThanOrEqual(MAX_REQUEST_BYTES + 2 * PIECE)
    },
  )

  it.each([String(MAX_REQUEST_BYTES + 1), '1e99', 'Infinity', 'many', '-'])(
    'that announces %s is not read at all',
    async (announced) => {
      const { read, state } = sending(10, announced)
      await expect(read()).rejects.toMatchObject({ failure: { kind: 'too-large' } })
      expect(state.taken).toBe(0)
    },
  )

  it('may be none', async () => {
    expect(await readBody({ headers: new Headers(), body: null })).toEqual(new Uint8Array(0))
  })
})
