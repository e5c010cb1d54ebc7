import { allows, type Scope } from '../model/scopes.ts'
import type { Failure } from '../protocol/failure.ts'
import type { Principal } from './principal.ts'

/** Null where the principal may; else what to answer. `needed` is null where anyone may. */
export function authorize(principal: Principal, needed: Scope | null): Failure | null {
  return needed === null || allows(principal.scopes, needed) ? null : { kind: 'forbidden', scope: needed }
}
