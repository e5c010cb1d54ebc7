import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { type DelayingProxy, startDelayingProxy } from '../../bench/network/delaying-proxy.ts'

const ROUND_TRIP_MS = 40
/** Timers may ring a little early. */
const EARLY_MS = 2

let server: Server
let proxy: DelayingProxy

afterEach(async () => {
  await proxy.close()
  server.close()
})

async function startEcho(): Promise<number> {
  server = createServer({ allowHalfOpen: true }, (socket) => socket.pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  proxy = await startDelayingProxy((server.address() as AddressInfo).port, ROUND_TRIP_MS)
  return proxy.port
}

it('passes every byte on in order, both ways, and the end after them', async () => {
  const client = connect(await startEcho(), '127.0.0.1')
  const sent = Buffer.from(Array.from({ length: 300_000 }, (_, i) => i % 251))
  for (let at = 0; at < sent.length; at += 10_000) client.write(sent.subarray(at, at + 10_000))
  client.end()
  const received: Buffer[] = []
  for await (const chunk of client) received.push(chunk as Buffer)
  expect(Buffer.concat(received).equals(sent)).toBe(true)
})

it('takes a round trip for an answer, and one more for the making of a connection', async () => {
  const client = connect(await startEcho(), '127.0.0.1')
  const ask = async () => {
    const began = performance.now()
    client.write('?')
    await once(client, 'data')
    return performance.now() - began
  }
  expect(await ask()).toBeGreaterThanOrEqual(2 * ROUND_TRIP_MS - EARLY_MS)
  expect(await ask()).toBeGreaterThanOrEqual(ROUND_TRIP_MS - EARLY_MS)
  client.destroy()
})
