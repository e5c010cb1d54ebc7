import type { Server } from 'node:net'

/** A port that was asked for by number is in use. */
export class PortTakenError extends Error {
  readonly port: number

  constructor(port: number, service: string) {
    super(`port ${port}, which ${service} is to use, is taken by another process`)
    this.port = port
  }
}

export function listen(server: Server, port: number, service: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'EADDRINUSE' ? new PortTakenError(port, service) : error)
    })
    server.listen(port, '127.0.0.1', resolve)
  })
}
