import { describe, expect, it } from 'vitest'
import * as operations from '../../../src/protocol/operations.ts'
import { type Answered, auditRule } from '../../../src/security/audit/audit-rule.ts'

const all = Object.entries(operations) as [string, operations.Operation][]

/** Names of the operations to which a rule applies. */
const ruled = (rule: string, answer: Partial<Answered> & Pick<Answered, 'lines' | 'status'> = { lines: false, status: 200 }) =>
  all.filter(([, operation]) => auditRule({ ...operation, known: true, ...answer }) === rule).map(([name]) => name)

describe('the audit log', () => {
  it('has every deletion and every change by an administrator before it is answered', () => {
    const changing = all.filter(([, { scope, method }]) => (scope === 'admin' || scope === 'events:erase') && method !== 'GET')
    expect(changing.map(([name]) => name)).toContain('clearEvents')
    expect(ruled('before-answer')).toEqual(changing.map(([name]) => name))
  })

  it('has what administrators read, and exports of the feed', () => {
    expect(ruled('always')).toEqual(expect.arrayContaining(['readQuarantine', 'readAudit']))
    expect(ruled('always')).not.toContain('readFeed')
    expect(ruled('always', { lines: true, status: 200 })).toContain('readFeed')
    expect(ruled('always', { lines: true, status: 200 })).not.toContain('readConversationEvents')
  })

  it('has reads where the tenant asks for it', () => {
    const reading = all.filter(([, { scope }]) => scope === 'events:read').map(([name]) => name)
    expect(reading).toContain('readConversationEvents')
    expect(ruled('if-asked')).toEqual(reading)
  })

  it('has no recording, and nothing that anyone may ask', () => {
    expect(ruled('never')).toEqual(expect.arrayContaining(['recordEvents', 'publishEvents', 'readHealth', 'readReadiness']))
  })

  it.each([429, 503])('has nothing that is answered %i before the credential was checked', (status) => {
    expect(ruled('never', { lines: false, status, known: false })).toEqual(all.map(([name]) => name))
  })

  it.each([401, 403])('has everything that is answered %i', (status) => {
    expect(ruled('always', { lines: false, status })).toEqual(all.map(([name]) => name))
  })
})
