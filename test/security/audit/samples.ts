import type { AuditEntry } from '../../../src/model/audit.ts'

/** An entry, `n` seconds into a day; ids grow with `n`. */
export function entry(n: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    at: new Date(Date.UTC(2026, 0, 15) + n * 1000).toISOString(),
    tenant: 'acme',
    key_id: 'k1',
    subject: null,
    operation: 'DELETE /v1/events',
    resource: null,
    count: 3,
    outcome: 'ok',
    status: 200,
    from: { address: '203.0.113.7', country: 'DE', colo: 'FRA', user_agent: 'curl/8.5.0' },
    request_id: `request-${n}`,
    ...changes,
  }
}
