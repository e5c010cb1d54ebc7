export interface RawAnswer {
  status: number
  headers: Headers
  body: Record<string, unknown>
}

/** One request to the gateway without the driver: what goes over the wire, and what comes back. */
export async function postSql(
  to: { fetchEndpoint: string; databaseUrl: string },
  body: unknown,
  headers: Record<string, string> = {},
): Promise<RawAnswer> {
  const response = await fetch(to.fetchEndpoint, {
    method: 'POST',
    headers: {
      'Neon-Connection-String': to.databaseUrl,
      'Neon-Raw-Text-Output': 'true',
      'Neon-Array-Mode': 'true',
      ...headers,
    },
    body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> }
}
