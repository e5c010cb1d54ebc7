import * as z from 'zod'
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiPathsObject } from 'zod-openapi'
import { AGENT_EVENT_SCHEMAS, EventEnvelopeSchema } from '../model/agent-events.ts'
import { ApplicationEventSchema } from '../model/application-events.ts'
import { LINE_TYPES, NDJSON } from './media-types.ts'
import * as operations from './operations.ts'
import { Problem } from './problem.ts'
import { SESSION_HEADER } from './session.ts'

const sessionHeader = z.string().optional().meta({
  description: 'What this client wrote lately. Send the last one back with the next request to read your own writes everywhere.',
})

const knownTag = z.string().optional().meta({ description: 'The `ETag` of the page that the client has, of JSON alone' })

const AgentEvent = z
  .union([...Object.values(AGENT_EVENT_SCHEMAS), EventEnvelopeSchema] as const)
  .meta({ id: 'AgentEvent', description: "One of Graphite's events, or any other type with the same envelope" })

const EVENTS = { agent: AgentEvent, application: ApplicationEventSchema }

/** The OpenAPI 3.1 document, from the schemas that validate. */
export function openApiDocument(version: string) {
  const paths: ZodOpenApiPathsObject = {}
  for (const [operationId, operation] of Object.entries(operations) as [string, operations.Operation][]) {
    const path = paths[operation.path] ?? {}
    path[operation.method.toLowerCase() as 'get' | 'post' | 'delete'] = describe(operationId, operation)
    paths[operation.path] = path
  }
  return createDocument({
    openapi: '3.1.0',
    info: {
      title: 'Edge Event Store',
      version,
      description: 'The event store for agent and workflow applications.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      securitySchemes: {
        credential: { type: 'http', scheme: 'bearer', description: 'An API key, or a token of the configured issuer' },
        ticket: { type: 'apiKey', in: 'query', name: 'ticket', description: 'A ticket for reading one conversation live' },
      },
    },
  })
}

function describe(operationId: string, operation: operations.Operation): ZodOpenApiOperationObject {
  const responses: ZodOpenApiOperationObject['responses'] = {}
  for (const [status, { description, schema }] of Object.entries(operation.answers)) {
    responses[status as '200'] = {
      description,
      headers: {
        ...(operation.scope === null ? {} : { [SESSION_HEADER]: { schema: { type: 'string' } } }),
        ...(operation.streams ? { ETag: { schema: { type: 'string' } } } : {}),
      },
      content: {
        [operation.live ? 'text/event-stream' : 'application/json']: { schema },
        ...(operation.streams ? { [NDJSON]: { schema: { type: 'string', description: 'Items, one a line' } } } : {}),
      },
    }
  }
  if (operation.streams) responses['304'] = { description: 'The page is as the client has it' }
  return {
    operationId,
    summary: operation.summary,
    ...(operation.description === undefined ? {} : { description: operation.description }),
    ...(operation.scope === null
      ? {}
      : { security: [{ credential: [operation.scope] }, ...(operation.takesTicket ? [{ ticket: [] }] : [])] }),
    requestParams: {
      path: operation.params as z.ZodObject,
      query: operation.query as z.ZodObject,
      ...(operation.scope === null ? {} : { header: headersOf(operation) }),
    },
    ...(operation.takesEvents !== undefined
      ? {
          requestBody: {
            required: true,
            content: {
              'application/json': { schema: oneOrMany(EVENTS[operation.takesEvents]) },
              ...Object.fromEntries(
                LINE_TYPES.map((type) => [type, { schema: { type: 'string', description: 'Events, one a line' } }]),
              ),
            },
          },
        }
      : {}),
    ...(operation.body !== undefined
      ? { requestBody: { required: true, content: { 'application/json': { schema: operation.body } } } }
      : {}),
    responses: {
      ...responses,
      default: { description: 'What went wrong', content: { 'application/problem+json': { schema: Problem } } },
    },
  }
}

function headersOf({ headers, streams }: operations.Operation): z.ZodObject {
  return z.object({ [SESSION_HEADER]: sessionHeader, ...(streams ? { 'If-None-Match': knownTag } : {}), ...headers?.shape })
}

function oneOrMany(event: z.ZodType): z.ZodType {
  return z.union([event, z.array(event)])
}
