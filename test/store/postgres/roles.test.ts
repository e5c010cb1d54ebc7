import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../../support/postgres.ts'
import { loginWith } from '../../support/roles.ts'

const ROLES = ['event_store_worker', 'event_store_maintenance'] as const
type Role = (typeof ROLES)[number]
const PRIVILEGES = ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'] as const

const insert = (...columns: string[]) => columns.map((column) => `INSERT ${column}`)

/** Everything that the roles may do. What is not here is refused; a table that is not here fails the first test. */
const TABLES: Record<string, Partial<Record<Role, readonly string[]>>> = {
  events: { event_store_worker: ['SELECT'] },
  events_default: {},
  conversations: { event_store_worker: ['SELECT'] },
  quarantine: { event_store_worker: ['SELECT'] },
  tenants: {},
  api_keys: { event_store_worker: ['SELECT'] },
  audit: { event_store_worker: ['SELECT'] },
  tenant_settings: { event_store_worker: ['SELECT'] },
  schema_migrations: {},
  activity: { event_store_worker: ['SELECT'] },
  assistant_requests: { event_store_worker: ['SELECT'] },
  assistant_runs: { event_store_worker: ['SELECT'] },
}
/** Rights on single columns, beyond those on the table. */
const COLUMNS: Record<string, Partial<Record<Role, readonly string[]>>> = {
  api_keys: {
    event_store_worker: [
      ...insert('application_name', 'created_by', 'expires_at', 'key_id', 'scopes', 'secret_hash', 'tenant_id'),
      ...['UPDATE last_used_at', 'UPDATE revoked_at'],
    ],
  },
  audit: {
    event_store_worker: [
      ...insert('address', 'at', 'colo', 'count', 'country', 'id', 'key_id', 'operation', 'outcome', 'request_id', 'resource'),
      ...insert('status', 'subject', 'tenant_id', 'user_agent'),
    ],
  },
}
const FUNCTIONS: Record<Role, readonly string[]> = {
  event_store_worker: [
    'append_events',
    'application_events_of_topic',
    'component_facts',
    'component_facts_of',
    'ensure_event_partitions',
    'events_at_offsets',
    'events_of_conversation',
    'events_of_request',
    'events_of_tenant',
    'events_with_id',
    'input_item_id',
    'json_string',
    'matchable_json',
    'quarantine_event',
    'readable_json',
    'record_events',
  ],
  event_store_maintenance: [
    'clear_conversations',
    'clear_tenant',
    'drop_emptied_partitions',
    'ensure_event_partitions',
    'forget_emptied_conversations',
    'to_unix_ms',
  ],
}

let database: TestDatabase
let owner: pg.Client
const as = {} as Record<Role, pg.Client>

async function open(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString })
  await client.connect()
  return client
}

beforeAll(async () => {
  database = await startTestDatabase()
  owner = await open(database.databaseUrl)
  for (const role of ROLES) as[role] = await open(await loginWith(database.databaseUrl, `login_of_${role}`, [role]))
  await as.event_store_worker.query(`SELECT ensure_event_partitions('{2026-01-01}')`)
})
afterAll(async () => {
  await Promise.all([owner, ...Object.values(as)].map((client) => client?.end()))
  await database?.stop()
})

async function tables(): Promise<string[]> {
  const { rows } = await owner.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f') ORDER BY 1`,
  )
  return rows.map(({ name }) => name)
}

/** Partitions of months are as the default one. */
const expectationOf = (table: string) => TABLES[table.replace(/^events_\d{4}_\d{2}$/, 'events_default')]

/** SQLSTATE with which a statement fails; `ok` when it does not. Leaves nothing behind. */
async function outcome(role: Role, statement: string): Promise<string> {
  const client = as[role]
  await client.query('BEGIN')
  try {
    await client.query(statement)
    return 'ok'
  } catch (error) {
    return (error as pg.DatabaseError).code ?? String(error)
  } finally {
    await client.query('ROLLBACK')
  }
}

const DENIED = '42501'

describe('the roles of the database', () => {
  it('have a line here for every table', async () => {
    expect((await tables()).filter((table) => expectationOf(table) === undefined)).toEqual([])
    expect(await tables()).toContain('events_2026_01')
  })

  it.each(ROLES)('%s has the listed rights on tables and columns, and no others', async (role) => {
    for (const table of await tables()) {
      const held = await owner.query<{ privilege: string }>(
        'SELECT privilege FROM unnest($3::text[]) AS privilege WHERE has_table_privilege($1, $2::regclass, privilege)',
        [role, table, PRIVILEGES],
      )
      expect(
        held.rows.map(({ privilege }) => privilege),
        table,
      ).toEqual(expectationOf(table)?.[role] ?? [])
      const columns = await owner.query<{ grant: string }>(
        `SELECT privilege_type || ' ' || attname AS grant FROM pg_attribute CROSS JOIN LATERAL aclexplode(attacl) AS g
         WHERE attrelid = $2::regclass AND g.grantee IN (0, $1::regrole) ORDER BY 1`,
        [role, table],
      )
      expect(
        columns.rows.map(({ grant }) => grant),
        table,
      ).toEqual(COLUMNS[table]?.[role] ?? [])
    }
  })

  it.each(ROLES)('%s is refused what is not listed when it tries', async (role) => {
    for (const table of await tables()) {
      const allowed = expectationOf(table)?.[role] ?? []
      const { rows } = await owner.query<{ name: string }>(
        `SELECT attname AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND attgenerated = '' ORDER BY attnum`,
        [table],
      )
      const [column = ''] = rows.map(({ name }) => name)
      const attempts = {
        SELECT: `SELECT count(*) FROM ${table}`,
        INSERT: `INSERT INTO ${table} DEFAULT VALUES`,
        UPDATE: `UPDATE ${table} SET ${column} = DEFAULT`,
        DELETE: `DELETE FROM ${table}`,
        TRUNCATE: `TRUNCATE ${table}`,
      }
      for (const [privilege, statement] of Object.entries(attempts)) {
        // A row of defaults alone takes the right to any column.
        if (privilege === 'INSERT' && COLUMNS[table]?.[role]) continue
        if (!allowed.includes(privilege)) expect(await outcome(role, statement), `${role}: ${statement}`).toBe(DENIED)
        if (privilege === 'SELECT' && allowed.includes(privilege)) expect(await outcome(role, statement)).toBe('ok')
      }
    }
  })

  it.each(ROLES)('%s may call its own functions, and nobody may call any by default', async (role) => {
    const { rows } = await owner.query<{ name: string; allowed: boolean; public: boolean; safe: boolean }>(
      `SELECT proname AS name, has_function_privilege($1, oid, 'EXECUTE') AS allowed,
        EXISTS (SELECT FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) AS g WHERE g.grantee = 0) AS public,
        NOT prosecdef OR proconfig @> ARRAY['search_path=public, pg_temp', 'DateStyle=ISO, MDY', 'TimeZone=UTC'] AS safe
       FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname`,
      [role],
    )
    expect(rows.filter((row) => row.public).map(({ name }) => name)).toEqual([])
    expect(rows.filter((row) => row.allowed).map(({ name }) => name)).toEqual(FUNCTIONS[role])
    expect(rows.filter((row) => !row.safe).map(({ name }) => name)).toEqual([])
  })

  it.each(ROLES)('%s is in no other group and has rights in no other schema', async (role) => {
    const { rows: groups } = await owner.query(
      'SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = $1::regrole',
      [role],
    )
    expect(groups).toEqual([])
    const { rows: named } = await owner.query<{ schema: string }>(
      `SELECT nspname AS schema FROM pg_namespace CROSS JOIN LATERAL aclexplode(nspacl) AS g WHERE g.grantee = $1::regrole
       UNION SELECT relnamespace::regnamespace::text FROM pg_class CROSS JOIN LATERAL aclexplode(relacl) AS g WHERE g.grantee = $1::regrole
       UNION SELECT pronamespace::regnamespace::text FROM pg_proc CROSS JOIN LATERAL aclexplode(proacl) AS g WHERE g.grantee = $1::regrole`,
      [role],
    )
    expect(named.map(({ schema }) => schema)).toEqual(['public'])
    const { rows: made } = await owner.query(
      `SELECT nspname FROM pg_namespace WHERE has_schema_privilege($1, oid, 'CREATE') AND nspname !~ '^pg_'`,
      [role],
    )
    expect(made).toEqual([])
  })

  it.each(ROLES)('%s cannot log in by itself, own anything, or gain rights', async (role) => {
    const { rows } = await owner.query(
      `SELECT rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication AS any FROM pg_roles WHERE rolname = $1`,
      [role],
    )
    expect(rows).toEqual([{ any: false }])
    const attempts = [
      'CREATE TABLE public.mine (a int)',
      `CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
      'CREATE SCHEMA mine',
      'CREATE ROLE mine',
      'SET ROLE postgres',
      `GRANT ${ROLES.find((other) => other !== role)} TO CURRENT_USER`,
      'ALTER TABLE events DISABLE TRIGGER ALL',
      'DROP TABLE quarantine',
      'ALTER FUNCTION append_events(json, json, json) SECURITY INVOKER',
      `SELECT setval('events_id_seq', 1)`,
      `COPY (SELECT 1) TO PROGRAM 'true'`,
      `SELECT pg_read_file('postgresql.conf')`,
    ]
    for (const attempt of attempts) expect(await outcome(role, attempt), attempt).toBe(DENIED)
  })

  it('leave the worker no way around the lock that keeps positions in order', async () => {
    expect(await outcome('event_store_worker', `SELECT nextval('events_id_seq')`)).toBe(DENIED)
    expect(await outcome('event_store_worker', `SELECT lock_tenants('{a}')`)).toBe(DENIED)
    expect(await outcome('event_store_worker', `SELECT clear_tenant('default', 1)`)).toBe(DENIED)
  })

  it('let the worker neither take back a revocation nor say when a key or an entry came, or its place', async () => {
    const columns = 'key_id, tenant_id, secret_hash, scopes, created_by'
    const values = `'k', 't', '${'a'.repeat(64)}', '{admin}', 'command'`
    const tried = (statement: string) => outcome('event_store_worker', statement)
    expect(await tried(`INSERT INTO api_keys (${columns}) VALUES (${values})`)).toBe('ok')
    expect(await tried(`INSERT INTO api_keys (${columns}, created_at) VALUES (${values}, '2020-01-01')`)).toBe(DENIED)
    const placed = `INSERT INTO api_keys (${columns}, position) OVERRIDING SYSTEM VALUE VALUES (${values}, 0)`
    expect(await tried(placed)).toBe(DENIED)
    const entry = `gen_random_uuid(), '2020-01-01', 't', 'forged', 'ok', 200, 'r'`
    expect(await tried(`INSERT INTO audit (id, at, tenant_id, operation, outcome, status, request_id) VALUES (${entry})`)).toBe(
      'ok',
    )
    expect(
      await tried(
        `INSERT INTO audit (id, at, tenant_id, operation, outcome, status, request_id, stored_at) VALUES (${entry}, now())`,
      ),
    ).toBe(DENIED)

    await owner.query(`INSERT INTO api_keys (${columns}, revoked_at) VALUES (${values}, '2026-01-01')`)
    for (const time of ['NULL', 'now()', `'infinity'`]) {
      expect(await tried(`UPDATE api_keys SET revoked_at = ${time} WHERE key_id = 'k'`), time).toBe(DENIED)
    }
    expect(await tried(`UPDATE api_keys SET revoked_at = coalesce(revoked_at, now()), last_used_at = now()`)).toBe('ok')
  })

  it('do the same whatever their caller has set', async () => {
    const { event_store_worker: worker } = as
    await worker.query(
      `SET datestyle = 'SQL, DMY'; SET timezone = 'UTC5'; SELECT ensure_event_partitions('{2026-02-03}'); RESET ALL`,
    )
    const { rows } = await owner.query(
      `SELECT pg_get_expr(relpartbound, oid) AS bounds FROM pg_class WHERE relname = 'events_2026_02'`,
    )
    expect(rows).toMatchObject([{ bounds: expect.stringMatching(/2026-02-01 00:00:00\+00.*2026-03-01 00:00:00\+00/) }])
  })

  it('let nobody put a conversation where it cannot go on', async () => {
    const aside = (seq: string) => `SELECT quarantine_event('t', 'far', ${seq}, 1768471200000, 'q', '22P02', 'refused', '{}')`
    expect(await outcome('event_store_worker', aside('9007199254740991'))).toBe('ok')
    expect(await outcome('event_store_worker', aside('9223372036854775807'))).toBe('23514')
  })

  it('let nobody clear what is yet to come', async () => {
    const clear = (ms: number) => outcome('event_store_maintenance', `SELECT clear_tenant('t', ${Date.now() + ms})`)
    expect(await clear(1_000)).toBe('ok')
    expect(await clear(120_000)).toBe('22023')
  })

  it('let the worker drop nothing, and nobody forget the clearings of today', async () => {
    expect(await outcome('event_store_worker', 'SELECT drop_emptied_partitions(1)')).toBe(DENIED)
    expect(await outcome('event_store_worker', 'SELECT forget_emptied_conversations(1, 1)')).toBe(DENIED)
    const later = Date.now() + 1e12
    await as.event_store_maintenance.query(`SELECT clear_conversations('t', '{today}', ${Date.now()})`)
    await as.event_store_maintenance.query(`SELECT forget_emptied_conversations(${later}, 100)`)
    const { rowCount } = await owner.query(`DELETE FROM conversations WHERE conversation_id = 'today'`)
    expect(rowCount).toBe(1)
  })

  it('let the functions do with their rights what their names say', async () => {
    const batches = '[{"tenant":"t","conversation_id":"c","segments":[{"first_seq":1,"count":1,"recorded_at":1768471200000}]}]'
    const heads = '[{"event_id":"e","event_type":"ToolInvoke","timestamp":"2026-01-15T10:00:00Z"}]'
    await as.event_store_worker.query('SELECT append_events($1, $2, $3)', [batches, heads, '[{"event_id":"e"}]'])
    await as.event_store_worker.query(`SELECT quarantine_event('t', 'c', 2, 1768471200000, 'q', '22P02', 'refused', '{}')`)
    const read = () => as.event_store_worker.query('SELECT event_count FROM conversations')
    expect((await read()).rows).toEqual([{ event_count: '2' }])
    // Names that a caller puts in front of the schema's are not looked at.
    await as.event_store_maintenance.query('CREATE TEMP TABLE events (tenant_id text); SET search_path = pg_temp, public')
    const cleared = await as.event_store_maintenance.query(`SELECT public.clear_tenant('t', 1768471200000)`)
    expect(cleared.rows).toEqual([{ clear_tenant: 'c' }])
    expect((await read()).rows).toEqual([{ event_count: '0' }])
  })
})
