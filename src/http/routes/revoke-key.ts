import { RequestFailure } from '../../protocol/failure.ts'
import type { revokeKey as operation } from '../../protocol/operations.ts'
import type { Route } from '../context.ts'

export const revokeKey: Route<typeof operation> = async ({ deps, tenant, params, audit }) => {
  const revoked = await deps.keys.revoke(tenant, params.key_id)
  if (!revoked) throw new RequestFailure({ kind: 'not-found', detail: `There is no key ${JSON.stringify(params.key_id)}.` })
  deps.access.forget(params.key_id)
  audit.count = 1
  return Response.json(revoked)
}
