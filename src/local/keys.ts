import type pg from 'pg'
import type { ApiKeyInfo, ApiKeyPage, KeyDirectory } from '../model/api-keys.ts'
import { describeIssue, toEventIssues } from '../model/issues.ts'
import { SCOPES } from '../model/scopes.ts'
import { idText } from '../model/text-rules.ts'
import { NewKey, UNPRINTABLE } from '../protocol/new-key.ts'
import { generateKey } from '../security/api-key.ts'
import { createPostgresKeyDirectory } from '../store/postgres/api-keys/directory.ts'
import { changeAudited } from './audited-command.ts'
import { readCommandLine, refuseCommand, requireDatabaseUrl } from './command-line.ts'
import { onDatabase } from './on-database.ts'
import { connectionOn } from './pg-connection.ts'

const USAGE = `usage: npm run keys -- create --tenant <tenant> --scopes <scope,...> [--expires <time>] [--name <application>]
       npm run keys -- list --tenant <tenant>
       npm run keys -- revoke --tenant <tenant> --key-id <key id>
DATABASE_URL names the database. A time is ISO 8601; of a day alone, such as 2027-01-31, its beginning in UTC.
Scopes: ${SCOPES.join(', ')}; admin allows everything within the tenant.`

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

/** Keys read at once; a tenant has a handful. */
const PAGE_KEYS = 1_000

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
    if (!wanted.success) refuseCommand(toEventIssues(wanted.error.issues).map(say).join('\n'), USAGE)
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
    let page: ApiKeyPage | undefined
    do {
      page = await keys.list(tenant, { after: page?.items.at(-1)?.cursor, limit: PAGE_KEYS })
      for (const item of page.items) console.log(describe(item))
    } while (page.more)
    if (page.items.length === 0) console.error(`The tenant ${tenant} has no keys.`)
  },
  async revoke(keys, { tenant, 'key-id': keyId }, client) {
    if (keyId === undefined) refuseCommand('--key-id is missing', USAGE)
    const operation = 'npm run keys revoke'
    const revoked = await changeAudited(
      client,
      () => keys.revoke(tenant, keyId),
      ({ key_id }) => ({ tenant, operation, resource: { key_id } }),
    )
    if (!revoked) throw new Error(`the tenant ${tenant} has no key ${keyId}`)
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
  const { values, positionals } = readCommandLine(USAGE, { options, allowPositionals: true })
  const [name = '', ...more] = positionals
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command || more.length > 0) refuseCommand('say what to do: create, list or revoke', USAGE)
  const tenant = idText().safeParse(values.tenant, { error: describeIssue })
  if (!tenant.success) refuseCommand(`--tenant ${tenant.error.issues[0]?.message}`, USAGE)
  await onDatabase(requireDatabaseUrl(USAGE), 'keys', (client) =>
    command(createPostgresKeyDirectory(connectionOn(client)), { ...values, tenant: tenant.data }, client),
  )
}

try {
  await run()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
}
