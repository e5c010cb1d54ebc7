import { NewKey } from '../../protocol/new-key.ts'
import type { createKey as operation } from '../../protocol/operations.ts'
import { generateKey } from '../../security/api-key.ts'
import { authorOf } from '../../security/principal.ts'
import type { Route } from '../context.ts'
import { readJsonBody } from '../json-body.ts'

export const createKey: Route<typeof operation> = async (context) => {
  const { deps, principal, tenant } = context
  const wanted = await readJsonBody(NewKey, context.request)
  const { key, key_id, secret_hash } = await generateKey()
  const info = await deps.keys.create({
    key_id,
    tenant,
    secret_hash,
    scopes: wanted.scopes,
    application_name: wanted.application_name ?? null,
    created_by: authorOf(principal),
    expires_at: wanted.expires_at ?? null,
  })
  context.audit.resource = { key_id }
  context.audit.count = 1
  return Response.json({ key, ...info }, { status: 201, headers: { 'Cache-Control': 'no-store' } })
}
