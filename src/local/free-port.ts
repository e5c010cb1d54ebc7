import { type AddressInfo, createServer } from 'node:net'
import { listen } from './listen.ts'

/** Takes a port on 127.0.0.1 (0: any free one) and keeps it until `release`, so that nothing else gets it in between. */
export async function holdPort(wanted: number, service: string): Promise<{ port: number; release(): Promise<void> }> {
  // An open connection would keep the server, and so the start, from ever closing.
  const server = createServer((socket) => socket.destroy())
  await listen(server, wanted, service)
  const { port } = server.address() as AddressInfo
  return { port, release: () => new Promise((resolve) => server.close(() => resolve())) }
}

/** A port on 127.0.0.1 that was free a moment ago; with `wanted`, that one, or `PortTakenError`. */
export async function findFreePort(wanted: number, service: string): Promise<number> {
  const { port, release } = await holdPort(wanted, service)
  await release()
  return port
}
