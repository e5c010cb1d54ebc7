import { describe, expect, it } from 'vitest'
import * as operations from '../../../src/protocol/operations.ts'
import { type Answered, auditRule } from '../../../src/security/audit/audit-rule.ts'

const all = Object.entries(operations) as [string, operations.Operation][]

/** Names of the operations to which a rule applies. */
const ruled = (
  rule: string,
  answer: Partial<Answered> & Pick<Answered, 'exports' | 'status'> = { exports: false, status: 200 },
) => all.filter(([, operation]) => auditRule({ ...operation, known: true, ...answer }) === rule).map(([name]) => name)

describe('the audit log', () => {
  it('has every deletion and every change by an administrator before it is answered', () => {
    const changing = all.filter(([, { scope, method }]) => (scope === 'admin' || scope === 'events:erase') && method !== 'GET')
    expect(changing.map(([name]) => name)).toContain('clearEvents')
    expect(ruled('before-answer')).toEqual(changing.map(([name]) => name))
  })

  it('has what administrators read, and exports of the feed', () => {
    expect(ruled('always')).toEqual(expect.arrayContaining(['readQuarantine', 'readAudit']))
    expect(ruled('always')).not.toContain('readFeed')
    for (const status of [200, 304, 400, 503]) expect(ruled('always', { exports: true, status })).toContain('readFeed')
  })

  it('has every ticket, which goes from hand to hand', () => {
    expect(ruled('always')).toContain('createTicket')
  })

  it('has reads where the tenant asks for it', () => {
    const reading = all.filter(([, { scope, method }]) => scope === 'events:read' && method === 'GET').map(([name]) => name)
    expect(reading).toContain('readConversationEvents')
    expect(ruled('if-asked')).toEqual(reading)
  })

  it('has no recording, and nothing that anyone may ask', () => {
    expect(ruled('never')).toEqual(expect.arrayContaining(['recordEvents', 'publishEvents', 'readHealth', 'readReadiness']))
  })

  it.each([429, 503])('has nothing that is answered %i before the credential was checked', (status) => {
    expect(ruled('never', { exports: true, status, known: false })).toEqual(all.map(([name]) => name))
  })

  it('has nothing that was one too many', () => {
    expect(ruled('never', { exports: true, status: 429 })).toEqual(all.map(([name]) => name))
  })

  it.each([401, 403])('has everything that is answered %i', (status) => {
    expect(ruled('always', { exports: false, status })).toEqual(all.map(([name]) => name))
  })
})
