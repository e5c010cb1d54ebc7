import pg from 'pg'

/** What `work` gives on a connection of its own, which `command` names to the server. */
export async function onDatabase<T>(databaseUrl: string, command: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: `edge-event-store ${command}` })
  client.on('error', () => undefined)
  await client.connect().catch((error: Error & { code?: string }) => {
    throw new Error(`cannot connect to the database in DATABASE_URL: ${error.message || error.code}`, { cause: error })
  })
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}
