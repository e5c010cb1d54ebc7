import { once } from 'node:events'
import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { holdPort } from '../../src/local/free-port.ts'

it('lets a held port go though a client has connected to it', async () => {
  const held = await holdPort(0, 'a test')
  const client = connect(held.port, '127.0.0.1')
  client.on('error', () => undefined)
  const closed = once(client, 'close')
  await once(client, 'connect')
  await held.release()
  await closed
  await (await holdPort(held.port, 'a test')).release()
  expect(client.destroyed).toBe(true)
})
