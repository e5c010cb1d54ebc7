import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SunkEvent {
  readonly event_type: string
  readonly event_name?: string
  readonly data?: Readonly<Record<string, unknown>>
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface PublishSink {
  readonly url: string
  /** All events posted, in the order of arrival. */
  readonly events: readonly SunkEvent[]
  close(): Promise<void>
}

/** Takes what is published, for publishers that run outside the test's process. */
export async function startPublishSink(): Promise<PublishSink> {
  const events: SunkEvent[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    events.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.writeHead(202).end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    events,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
