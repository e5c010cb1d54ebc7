import { parseArgs } from 'node:util'
import pg from 'pg'
import type { ApiKeyInfo, KeyDirectory } from '../model/api-keys.ts'
import { describeIssue, toEventIssues } from '../model/issues.ts'
import { SCOPES } from '../model/scopes.ts'
import { idText } from '../model/text-rules.ts'
import { NewKey, UNPRINTABLE } from '../protocol/new-key.ts'
import { generateKey } from '../security/api-key.ts'
import { createPostgresKeyDirectory } from '../store/postgres/api-keys/directory.ts'
import { changeAudited } from './audited-command.ts'
import { connectionOn } from './pg-connection.ts'

const USAGE = `usage: npm run keys -- create --tenant <tenant> --scopes <scope,...> [--expires <ISO 8601>] [--name <application>]
       npm run keys -- list --tenant <tenant>
       npm run keys -- revoke --tenant <tenant> --key-id <key id>
DATABASE_URL names the database. Scopes: ${SCOPES.join(', ')}; admin allows everything within the tenant.`

/** What the caller has to change. */
class UsageError extends Error {}

const options = {
  tenant: { type: 'string' },
  scopes: { type: 'string' },
  expires: { type: 'string' },
  name: { type: 'string' },
  'key-id': { type: 'string' },
} as const

interface Flags {
  readonly tenant: string
  readonly scopes?: string | undefined
  readonly expires?: string | undefined
  readonly name?: string | undefined
  readonly 'key-id'?: string | undefined
}

/** Keys shown at once; a tenant has a handful. */
const LIST_LIMIT = 5_000

const COMMANDS: Readonly<Record<string, (keys: KeyDirectory, flags: Flags, client: pg.Client) => Promise<void>>> = {
  async create(keys, { tenant, scopes, expires, name }, client) {
    const wanted = NewKey.safeParse(
      {
        scopes: scopes?.split(',').map((scope) => scope.trim()),
        // A day is enough to say.
        expires_at: expires !== undefined && /^\d{4}-\d\d-\d\d$/.test(expires) ? `${expires}T00:00:00Z` : expires,
        application_name: name,
      },
      { error: describeIssue },
    )
    if (!wanted.success) throw new UsageError(toEventIssues(wanted.error.issues).map(say).join('\n'))
    const { key, key_id, secret_hash } = await generateKey()
    const { scopes: allowed, expires_at = null, application_name = null } = wanted.data
    const wantedKey = { key_id, tenant, secret_hash, scopes: allowed, application_name, created_by: 'command', expires_at }
    const operation = 'npm run keys create'
    await changeAudited(
      client,
      () => keys.create(wantedKey),
      () => ({ tenant, operation, resource: { key_id } }),
    )
    console.error(`A key of the tenant ${tenant}. It is shown this once: keep it where you keep secrets.`)
    console.log(key)
  },
  async list(keys, { tenant }) {
    const { items } = await keys.list(tenant, { limit: LIST_LIMIT })
    for (const item of items) console.log(describe(item))
    if (items.length === 0) console.error(`The tenant ${tenant} has no keys.`)
  },
  async revoke(keys, { tenant, 'key-id': keyId }, client) {
    if (keyId === undefined) throw new UsageError('--key-id is missing')
    const operation = 'npm run keys revoke'
    const revoked = await changeAudited(
      client,
      () => keys.revoke(tenant, keyId),
      ({ key_id }) => ({ tenant, operation, resource: { key_id } }),
    )
    if (!revoked) throw new UsageError(`the tenant ${tenant} has no key ${keyId}`)
    console.log(describe(revoked))
  },
}

function say({ path, message }: { readonly path: string; readonly message: string }): string {
  return `--${path.replace('expires_at', 'expires').replace('application_name', 'name')} ${message}`
}

function describe({ key_id, scopes, application_name, ...times }: ApiKeyInfo): string {
  const state = times.revoked_at !== null ? `revoked ${times.revoked_at}` : `expires ${times.expires_at ?? 'never'}`
  const used = `last used ${times.last_used_at ?? 'never'}`
  return [key_id, scopes.join(','), printable(application_name ?? '-'), `created ${times.created_at}`, state, used].join('  ')
}

/** Keys may have got their names another way. */
function printable(text: string): string {
  return text.replaceAll(new RegExp(UNPRINTABLE, 'gu'), (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

async function run(): Promise<void> {
  const { values, positionals } = parseArgs({ options, allowPositionals: true })
  const [name = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command || more.length > 0) throw new UsageError('say what to do: create, list or revoke')
  const tenant = idText().safeParse(values.tenant, { error: describeIssue })
  if (!tenant.success) throw new UsageError(`--tenant ${tenant.error.issues[0]?.message}`)
  const databaseUrl = process.env.DATABASE_URL
  if (!databaseUrl) throw new UsageError('set DATABASE_URL to the database, for example postgresql://user:password@host/database')
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'edge-event-store keys' })
  client.on('error', () => undefined)
  await client.connect()
  try {
    await command(createPostgresKeyDirectory(connectionOn(client)), { ...values, tenant: tenant.data }, client)
  } finally {
    await client.end()
  }
}

try {
  await run()
} catch (error) {
  const usage = error instanceof UsageError || (error instanceof TypeError && 'code' in error)
  console.error(error instanceof Error ? error.message : error)
  if (usage) console.error(USAGE)
  process.exitCode = 1
}
