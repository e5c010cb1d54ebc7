import { NeonDbError, neon, neonConfig } from '@neondatabase/serverless'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestDatabase, type TestDatabase } from '../support/postgres.ts'
import { postSql } from '../support/sql-over-http.ts'

let database: TestDatabase
let sql: ReturnType<typeof neon<false, true>>

beforeAll(async () => {
  database = await startTestDatabase()
  neonConfig.fetchEndpoint = database.fetchEndpoint
  sql = neon(database.databaseUrl, { fullResults: true })
}, 60_000)
afterAll(() => database?.stop())

async function refusalOf(query: Promise<unknown>): Promise<NeonDbError> {
  const error = await query.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (!(error instanceof NeonDbError)) throw new Error(`expected a NeonDbError, not ${error}`)
  return error
}

describe('an answer', () => {
  it('carries the fields, the rows as raw text, the command and the count', async () => {
    const { status, headers, body } = await postSql(database, {
      query: 'SELECT 1 AS one, NULL::text AS none, \'{"a": 1.0}\'::json AS j',
    })
    expect(status).toBe(200)
    expect(headers.get('content-type')).toBe('application/json')
    const field = { tableID: 0, columnID: 0, dataTypeModifier: -1, format: 'text' }
    expect(body).toEqual({
      fields: [
        { ...field, name: 'one', dataTypeID: 23, dataTypeSize: 4 },
        { ...field, name: 'none', dataTypeID: 25, dataTypeSize: -1 },
        { ...field, name: 'j', dataTypeID: 114, dataTypeSize: -1 },
      ],
      rows: [['1', null, '{"a": 1.0}']],
      command: 'SELECT',
      rowCount: 1,
      rowAsArray: true,
    })
  })

  it('names the table and column that a field comes from', async () => {
    await sql`CREATE TABLE origin (first text, second varchar(7))`
    const { fields } = await sql`SELECT second FROM origin`
    expect(fields).toMatchObject([{ name: 'second', columnID: 2, dataTypeID: 1043, dataTypeModifier: 11 }])
    expect(fields[0]?.tableID).toBeGreaterThan(0)
  })

  it('gives rows as objects when the body asks for it, whatever the header says', async () => {
    const { body } = await postSql(database, { query: 'SELECT 1 AS a, 2 AS b', arrayMode: false })
    expect(body).toMatchObject({ rows: [{ a: '1', b: '2' }], rowAsArray: false })
  })

  it('counts rows for data, and has no count for a definition', async () => {
    const created = await sql`CREATE TABLE counted (a int)`
    expect([created.command, created.rowCount, created.rows]).toEqual(['CREATE', null, []])
    const inserted = await sql`INSERT INTO counted VALUES (1), (2), (3)`
    expect([inserted.command, inserted.rowCount]).toEqual(['INSERT', 3])
    const updated = await sql`UPDATE counted SET a = a + 1 WHERE a > 1 RETURNING a`
    expect([updated.command, updated.rowCount, updated.rows]).toEqual(['UPDATE', 2, [{ a: 3 }, { a: 4 }]])
  })

  it('to an empty statement is empty', async () => {
    const { status, body } = await postSql(database, { query: '' })
    expect(status).toBe(200)
    expect(body).toEqual({ fields: [], rows: [], command: '', rowCount: null, rowAsArray: true })
  })

  it('carries int8 as a string, and text of any script unchanged', async () => {
    const text = 'ä 漢字 🙂 "quoted" \\ back\n\u0001'
    const { rows } = await sql`SELECT 9223372036854775807::int8 AS big, ${text}::text AS text`
    expect(rows).toEqual([{ big: '9223372036854775807', text }])
  })
})

describe('a parameter', () => {
  it('is untyped text: alone it comes back as a string', async () => {
    expect((await sql`SELECT ${42} AS a`).rows).toEqual([{ a: '42' }])
  })

  it('that is a JS array becomes a PostgreSQL array', async () => {
    const { rows } = await sql`SELECT ${['a', 'b"c', null]}::text[] AS list, cardinality(${[[1, 2]]}::int[]) AS n`
    expect(rows).toEqual([{ list: ['a', 'b"c', null], n: 2 }])
  })

  it('sent as JSON by hand is turned into text as Neon does, numbers digit for digit', async () => {
    const query = 'SELECT $1::text, $2::text, $3::text, $4::text, $5::text'
    const params = '[12345678901234567890, true, null, {"a": 1.10}, [1, "x\\"y", null, [true], {"k": "v"}]]'
    const { body } = await postSql(database, `{"query": "${query}", "params": ${params}}`)
    expect(body.rows).toEqual([
      ['12345678901234567890', 'true', null, '{"a":1.10}', '{1,"x\\"y",NULL,{true},"{\\"k\\":\\"v\\"}"}'],
    ])
  })

  it.each(['"\\ud800"', '"\\udc00x"', '[["\\uD83D"]]', '{"a": "\\ud83dx"}'])(
    'with a lone surrogate is refused: %s',
    async (param) => {
      const { status, body } = await postSql(database, `{"query": "SELECT $1::text", "params": [${param}]}`)
      expect(status).toBe(400)
      expect(body.message).toContain('lone leading surrogate')
    },
  )

  it('with a surrogate pair in escapes, or the escape of one as text, passes', async () => {
    const { body } = await postSql(database, '{"query": "SELECT $1::text, $2::text", "params": ["\\ud83d\\ude42", "\\\\ud800"]}')
    expect(body.rows).toEqual([['🙂', '\\ud800']])
  })

  it('with U+0000 is refused as text (22021) and jsonb (22P05), and kept by json as the escape', async () => {
    expect((await refusalOf(sql`SELECT ${'a\u0000b'}::text`)).code).toBe('22021')
    expect((await refusalOf(sql`SELECT ${'"a\\u0000b"'}::jsonb`)).code).toBe('22P05')
    expect((await sql`SELECT (${'"a\\u0000\\ud800"'}::json)::text AS kept`).rows).toEqual([{ kept: '"a\\u0000\\ud800"' }])
  })
})

describe('an error', () => {
  it('is 400 with every field of it, those without a value as null', async () => {
    await sql`CREATE TABLE strict (id int CONSTRAINT only_once PRIMARY KEY)`
    const { status, body } = await postSql(database, { query: 'INSERT INTO strict VALUES (7), (7)' })
    expect(status).toBe(400)
    expect(body).toEqual({
      message: 'duplicate key value violates unique constraint "only_once"',
      code: '23505',
      detail: 'Key (id)=(7) already exists.',
      hint: null,
      position: null,
      internalPosition: null,
      internalQuery: null,
      severity: 'ERROR',
      where: null,
      table: 'strict',
      column: null,
      schema: 'public',
      dataType: null,
      constraint: 'only_once',
      file: expect.stringMatching(/\.c$/),
      line: expect.stringMatching(/^\d+$/),
      routine: expect.any(String),
    })
  })

  it('says where in the statement, and where in a statement that PostgreSQL ran itself', async () => {
    expect(await refusalOf(sql`SELECT nothing`)).toMatchObject({ code: '42703', position: '8' })
    const inner = await refusalOf(sql`SELECT query_to_xml('SELECT nothing', true, true, '')`)
    expect(inner).toMatchObject({ code: '42703', internalPosition: '8', internalQuery: 'SELECT nothing' })
    expect(inner.position).toBeUndefined()
  })

  it('refuses several statements in one text with 42601', async () => {
    await sql`CREATE TABLE several (a int)`
    expect((await refusalOf(sql.query('INSERT INTO several VALUES (1); INSERT INTO several VALUES (2)'))).code).toBe('42601')
    expect((await sql`SELECT * FROM several`).rowCount).toBe(0)
  })

  it.each(['COPY pg_class TO STDOUT', 'COPY copied FROM STDIN'])('refuses %s, and the gateway goes on', async (text) => {
    await sql`CREATE TABLE IF NOT EXISTS copied (a int)`
    const { status, body } = await postSql(database, { query: text })
    expect([status, body.code]).toEqual([400, ''])
    const inBatch = await postSql(database, { queries: [{ query: text }, { query: 'SELECT 1' }] })
    expect(inBatch.status).toBe(400)
    expect((await sql`SELECT 1 AS one`).rows).toEqual([{ one: 1 }])
  })
})
