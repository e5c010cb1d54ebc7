import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const WORKER = `export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url)
    if (pathname === '/env') return Response.json(env)
    if (pathname === '/noise') {
      console.log('a line for the curious')
      console.error('a line for everyone')
      return new Response('')
    }
    const sql = pathname === '/readyz' ? 'SELECT 1' : await request.text()
    return fetch(env.NEON_FETCH_ENDPOINT, {
      method: 'POST',
      headers: { 'Neon-Connection-String': env.DATABASE_URL, 'Neon-Raw-Text-Output': 'true', 'Neon-Array-Mode': 'true' },
      body: JSON.stringify({ query: sql }),
    })
  },
}`

const MIGRATION = `CREATE ROLE event_store_worker;
CREATE ROLE event_store_maintenance;
CREATE TABLE notes (text text);
GRANT SELECT, INSERT ON notes TO event_store_worker`

export interface StubProject {
  folder: string
  /** The start command's flags that point it at this project. */
  flags: string[]
  remove(): void
}

/** A project with a Worker that runs the SQL it is sent, and is ready when the database is. */
export function createStubProject(): StubProject {
  const folder = mkdtempSync(join(tmpdir(), 'event-store-stub-'))
  const config = join(folder, 'wrangler.toml')
  const migrations = join(folder, 'migrations')
  writeFileSync(config, 'name = "stub"\nmain = "worker.js"\ncompatibility_date = "2026-09-01"\n')
  writeFileSync(join(folder, 'worker.js'), WORKER)
  mkdirSync(migrations)
  writeFileSync(join(migrations, '0001_notes.sql'), MIGRATION)
  return {
    folder,
    flags: [
      ...['--config', config, '--migrations', migrations],
      ...['--data', join(folder, '.data'), '--state', join(folder, 'state')],
    ],
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
