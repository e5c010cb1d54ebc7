import type { NewApiKey } from '../../src/model/api-keys.ts'
import type { Scope } from '../../src/model/scopes.ts'
import { generateKey } from '../../src/security/api-key.ts'
import { createPostgresKeyDirectory } from '../../src/store/postgres/api-keys/directory.ts'
import { connect } from '../../src/store/postgres/connection.ts'
import type { TestDatabase } from './postgres.ts'

/** The keys of a service's database, as its owner manages them. */
export function keyDirectoryOf({ databaseUrl, fetchEndpoint }: TestDatabase) {
  return createPostgresKeyDirectory(connect({ databaseUrl, fetchEndpoint }))
}

/** A new key of the tenant, whole. */
export async function createKey(
  database: TestDatabase,
  tenant: string,
  scopes: readonly Scope[],
  more: Partial<NewApiKey> = {},
): Promise<string> {
  const { key, key_id, secret_hash } = await generateKey()
  const none = { application_name: null, expires_at: null, created_by: 'command' }
  await keyDirectoryOf(database).create({ key_id, tenant, secret_hash, scopes, ...none, ...more })
  return key
}

export const keyIdOf = (key: string): string => key.split('_')[1] ?? ''

export function bearer(credential: string): Record<string, string> {
  return { Authorization: `Bearer ${credential}` }
}
