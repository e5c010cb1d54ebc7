import * as z from 'zod'
import * as answers from '../answers.ts'
import { NewKey } from '../new-key.ts'
import * as parameters from '../parameters.ts'
import { none, operation, page } from './operation.ts'

export const readQuarantine = operation({
  method: 'GET',
  path: '/v1/quarantine',
  scope: 'admin',
  summary: 'Read the events that were set aside',
  description: 'Events that Postgres refused, with its reason. They stay readable in their conversations.',
  params: none,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of set aside events', schema: answers.QuarantineList } },
  streams: true,
})

export const createKey = operation({
  method: 'POST',
  path: '/v1/keys',
  scope: 'admin',
  summary: 'Create an API key',
  description: "For the caller's own tenant. The answer is the only place where the whole key ever stands.",
  params: none,
  query: none,
  body: NewKey,
  answers: { 201: { description: 'The key', schema: answers.NewApiKey } },
})

export const listKeys = operation({
  method: 'GET',
  path: '/v1/keys',
  scope: 'admin',
  summary: 'List the API keys',
  description: 'Oldest first, revoked and expired ones too. None is shown whole.',
  params: none,
  query: z.strictObject(page),
  answers: { 200: { description: 'A page of keys', schema: answers.ApiKeyList } },
  streams: true,
})

export const revokeKey = operation({
  method: 'DELETE',
  path: '/v1/keys/{key_id}',
  scope: 'admin',
  summary: 'Revoke an API key',
  description: 'It is refused within a minute everywhere, and stays in the list. Revoking it again changes nothing.',
  params: z.strictObject({ key_id: parameters.id }),
  query: none,
  answers: { 200: { description: 'The key', schema: answers.ApiKey } },
})

export const readAudit = operation({
  method: 'GET',
  path: '/v1/audit',
  scope: 'admin',
  summary: 'Read who did what',
  description:
    'The newest first: key changes, deletions, exports, administrative and denied requests, and reads where the tenant asks for it. An entry is here within seconds of what it tells.',
  params: none,
  query: z
    .strictObject({
      after: parameters.auditCursor,
      limit: parameters.limit,
      operation: parameters.name.meta({ description: 'As entries name it, such as `DELETE /v1/events`' }),
      key_id: parameters.name,
      outcome: parameters.auditOutcome,
      since: parameters.instant.meta({ description: 'Entries at or after this' }),
      until: parameters.instant.meta({ description: 'Entries before this' }),
    })
    .check(parameters.requireRange),
  answers: { 200: { description: 'A page of entries', schema: answers.AuditList } },
  streams: true,
})
