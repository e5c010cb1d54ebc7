import { InMemoryAuditLog } from '../../src/store/in-memory/audit.ts'
import { auditLogContract } from '../contract/audit-log-contract.ts'

let tenants = 0

auditLogContract('in memory', { log: new InMemoryAuditLog(), tenant: () => `tenant-${++tenants}` })
