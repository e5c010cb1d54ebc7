import type { KeyDirectory } from '../../../model/api-keys.ts'
import type { Connection } from '../connection.ts'
import { anyUsable } from './any-usable.ts'
import { create } from './create.ts'
import { find } from './find.ts'
import { list } from './list.ts'
import { revoke } from './revoke.ts'
import { touch } from './touch.ts'

/** The keys in PostgreSQL; `migrations/` must have been applied. */
export function createPostgresKeyDirectory(connection: Connection): KeyDirectory {
  return {
    find: (keyId) => find(connection, keyId),
    create: (key) => create(connection, key),
    list: (tenant, page) => list(connection, tenant, page),
    revoke: (tenant, keyId) => revoke(connection, tenant, keyId),
    touch: (keyId, at) => touch(connection, keyId, at),
    anyUsable: () => anyUsable(connection),
  }
}
