import { eachItem } from '../../client/paged-read.ts'
import type { Service } from '../../client/service.ts'
import { whyUnknown } from '../known-tenant.ts'
import { hasEvents, holdsEvent } from './postgres-rows.ts'
import type { VerifyOptions } from './verify-tenant.ts'

/** Whom a service serves on loopback that is asked without a key. */
const OPEN_TENANT = 'default'

/**
 * Throws when the service shows events of another tenant, or of another database. No answer says whose it is, but the feed holds
 * the credential's tenant alone, and its positions are given once in a database: the newest event stands in Postgres under the
 * tenant, or what the two hold has nothing to do with each other.
 */
export async function requireComparable(service: Service, { apiKey, client, tenant }: VerifyOptions): Promise<void> {
  const isOpen = apiKey === undefined && tenant === OPEN_TENANT
  const unknown = isOpen ? null : await whyUnknown(client, tenant)
  if (unknown) throw new Error(unknown)
  const feed = { operation: 'verify', path: '/v1/events', query: { order: 'desc' }, limit: 1 }
  const { value: newest } = await eachItem({ ...feed, call: (request) => service.callHistory(request) }, undefined).next()
  if (newest ? await holdsEvent(client, tenant, newest) : !(await hasEvents(client, tenant))) return
  const credential = apiKey === undefined ? `without a key it serves the tenant "${OPEN_TENANT}"` : 'the key is of another tenant'
  const found = newest ? 'its newest event is not in Postgres under' : 'it shows no events of'
  throw new Error(
    `the service cannot be compared: ${found} the tenant ${JSON.stringify(tenant)}. Either ${credential}, or DATABASE_URL is not its database`,
  )
}
