/** What Dapr's HTTP binding adds to the body that it is given. */
const HEADERS = {
  'Content-Type': 'application/json; charset=utf-8',
  Accept: 'application/json; charset=utf-8',
  'User-Agent': 'Go-http-client/1.1',
  'Accept-Encoding': 'gzip',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}

export interface PublishAnswer {
  readonly published: number
  readonly event_ids: string[]
  readonly conflicts?: string[]
}

export interface Published {
  readonly status: number
  readonly headers: Headers
  readonly answer: PublishAnswer
}

/** Sends a body to the component's URL as the sidecar does: nothing is appended, nothing asked of the answer but its status. */
export async function publish(url: string, body: string, headers: Record<string, string> = {}): Promise<Published> {
  const response = await fetch(`${url}/v1/publish`, { method: 'POST', headers: { ...HEADERS, ...headers }, body })
  return { status: response.status, headers: response.headers, answer: (await response.json()) as PublishAnswer }
}
