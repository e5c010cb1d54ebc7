import { describe, expect, it } from 'vitest'
import { openApiDocument } from '../../src/protocol/openapi.ts'
import * as operations from '../../src/protocol/operations.ts'

type Json = null | boolean | number | string | Json[] | { [member: string]: Json }

const document = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as { [member: string]: Json }
const all = Object.entries(operations) as [string, operations.Operation][]

interface Described {
  operationId: string
  summary: string
  parameters?: { name: string; in: string; required?: boolean; schema: Json }[]
  requestBody?: { content: Record<string, { schema: Json }> }
  responses: Record<string, { description: string; content: Record<string, { schema: Json }> }>
  security?: Json
}

function at(path: string, method: string): Described | undefined {
  return (document.paths as unknown as Record<string, Record<string, Described>>)[path]?.[method.toLowerCase()]
}

describe('the OpenAPI document', () => {
  it('says which version of what it is', () => {
    expect(document).toMatchObject({ openapi: '3.1.0', info: { title: 'Edge Event Store', version: '1.2.3' } })
  })

  it.each(all)('describes %s', (operationId, { method, path, answers, takesEvents, body, scope, streams }) => {
    const described = at(path, method)
    expect(described).toMatchObject({ operationId, summary: expect.stringMatching(/\w/) })
    expect(Object.keys(described?.responses ?? {})).toEqual([...Object.keys(answers), ...(streams ? ['304'] : []), 'default'])
    expect(described?.responses.default?.content).toHaveProperty(['application/problem+json'])
    expect(described?.requestBody === undefined).toBe(takesEvents === undefined && body === undefined)
    expect(described?.security === undefined).toBe(scope === null)
    for (const status of Object.keys(answers)) {
      expect('application/x-ndjson' in (described?.responses[status]?.content ?? {})).toBe(streams === true)
    }
  })

  it.each(all)('has a required parameter for each part of the path of %s', (_, { method, path }) => {
    const inPath = (at(path, method)?.parameters ?? []).filter((parameter) => parameter.in === 'path')
    expect(inPath.map(({ name }) => `{${name}}`).sort()).toEqual((path.match(/\{\w+\}/g) ?? []).sort())
    for (const { required } of inPath) expect(required).toBe(true)
  })

  it.each(all)('names the headers that %s reads', (_, { method, path, headers, streams }) => {
    const inHeader = (at(path, method)?.parameters ?? []).filter((parameter) => parameter.in === 'header').map(({ name }) => name)
    expect(inHeader).toEqual(
      expect.arrayContaining([...Object.keys(headers?.shape ?? {}), ...(streams ? ['If-None-Match'] : [])]),
    )
  })

  it.each(['/v1/events', '/v1/publish'])('names every media type that %s takes', (path) => {
    const types = Object.keys(at(path, 'POST')?.requestBody?.content ?? {})
    expect(types).toEqual(['application/json', 'application/x-ndjson', 'application/ndjson', 'application/jsonl'])
  })

  it('tells agent events from application events', () => {
    const schemaOf = (path: string) => JSON.stringify(at(path, 'POST')?.requestBody?.content['application/json']?.schema)
    expect(schemaOf('/v1/events')).toContain('/AgentEvent"')
    expect(schemaOf('/v1/publish')).toContain('/ApplicationEvent"')
    expect(schemaOf('/v1/publish')).not.toContain('/AgentEvent"')
  })

  it('describes no path that is no operation', () => {
    expect(Object.keys(document.paths as object).sort()).toEqual([...new Set(all.map(([, { path }]) => path))].sort())
  })

  it('refers to nothing that it does not hold', () => {
    const references = referencesIn(document)
    expect(references.length).toBeGreaterThan(10)
    expect(references.filter((reference) => lookUp(reference) === undefined)).toEqual([])
  })

  it('describes numbers in the query as numbers', () => {
    const parameters = at('/v1/conversations/{id}/events', 'GET')?.parameters ?? []
    const limit = parameters.find(({ name }) => name === 'limit')
    expect(limit?.schema).toMatchObject({ type: 'integer', minimum: 1, maximum: 5000 })
  })
})

function referencesIn(value: Json): string[] {
  if (Array.isArray(value)) return value.flatMap(referencesIn)
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([name, member]) =>
    name === '$ref' && typeof member === 'string' ? [member] : referencesIn(member),
  )
}

function lookUp(reference: string): Json | undefined {
  if (!reference.startsWith('#/')) return undefined
  return reference
    .slice(2)
    .split('/')
    .reduce<Json | undefined>(
      (value, part) => (value && typeof value === 'object' && !Array.isArray(value) ? value[part] : undefined),
      document,
    )
}
