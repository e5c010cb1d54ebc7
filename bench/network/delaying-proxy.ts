import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface DelayingProxy {
  readonly port: number
  close(): Promise<void>
}

/**
 * Stands for a way of `roundTripMs` there and back to `target` on 127.0.0.1: every byte arrives half of it later, in order, and the
 * first ones of a connection a whole one more, which is what its making takes. No bound on bytes a second.
 */
export async function startDelayingProxy(target: number, roundTripMs: number): Promise<DelayingProxy> {
  const open = new Set<Socket>()
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (client) => {
    const database = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    for (const socket of [client, database]) {
      open.add(socket)
      socket.once('close', () => open.delete(socket))
    }
    delay(client, database, roundTripMs / 2, performance.now() + roundTripMs)
    delay(database, client, roundTripMs / 2, 0)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of open) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** Nothing sets out before `openAt`. */
function delay(from: Socket, to: Socket, delayMs: number, openAt: number): void {
  // One queue and one timer a direction: timers of their own could overtake one another.
  const queue: { readonly due: number; readonly deliver: () => void }[] = []
  let waiting = false
  const flush = () => {
    const now = performance.now()
    while (queue[0] !== undefined && queue[0].due <= now) queue.shift()?.deliver()
    waiting = queue[0] !== undefined
    if (queue[0] !== undefined) setTimeout(flush, queue[0].due - now)
  }
  const later = (deliver: () => void) => {
    queue.push({ due: Math.max(performance.now(), openAt) + delayMs, deliver })
    if (!waiting) setTimeout(flush, delayMs)
    waiting = true
  }
  from.on('data', (chunk) => later(() => to.writable && to.write(chunk)))
  from.on('end', () => later(() => to.end()))
  from.on('error', () => to.destroy())
  from.on('close', () => later(() => to.destroy()))
}
