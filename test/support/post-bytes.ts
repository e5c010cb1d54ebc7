import { connect } from 'node:net'

export interface RawAnswer {
  readonly status: number
  readonly json: Record<string, unknown>
}

/** Posts JSON with one header of exactly these bytes, as no HTTP library would send it. */
export function postBytes(url: string, body: string, header: string, value: Uint8Array): Promise<RawAnswer> {
  const { hostname, port, pathname } = new URL(url)
  const head = [
    `POST ${pathname} HTTP/1.1`,
    `Host: ${hostname}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    `${header}: `,
  ].join('\r\n')
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    const socket = connect(Number(port), hostname)
    socket.on('error', reject)
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => {
      const text = Buffer.concat(chunks).toString()
      const json = text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)
      resolve({ status: Number(text.split(' ')[1]), json: JSON.parse(json) as Record<string, unknown> })
    })
    socket.write(Buffer.concat([Buffer.from(head), value, Buffer.from(`\r\n\r\n${body}`)]))
  })
}
