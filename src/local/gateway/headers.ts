import type { IncomingHttpHeaders } from 'node:http'
import { type GatewayFailure, invalidRequest } from './failure.ts'

export interface RequestOptions {
  /** Where to connect: the gateway's server, with the role, password and database that the caller names. */
  url: string
  user: string
  arrayMode: boolean
  begin: string
  /** Neon repeats the transaction's options in the answer to a batch, and of the isolation levels only the strictest. */
  echo: Record<string, string>
}

const ISOLATION_LEVELS: Record<string, string> = {
  Serializable: 'SERIALIZABLE',
  ReadUncommitted: 'READ UNCOMMITTED',
  ReadCommitted: 'READ COMMITTED',
  RepeatableRead: 'REPEATABLE READ',
}

export function readHeaders(headers: IncomingHttpHeaders, databaseUrl: string): RequestOptions | GatewayFailure {
  const caller = headers['neon-connection-string']
  if (typeof caller !== 'string') return invalidRequest('missing connection string')
  const target = targetOf(caller, databaseUrl)
  if ('failure' in target) return target
  if (headers['neon-raw-text-output'] !== 'true') {
    return invalidRequest('this gateway gives raw text only: send Neon-Raw-Text-Output: true')
  }
  const isolation = headers['neon-batch-isolation-level']
  const level = typeof isolation === 'string' ? ISOLATION_LEVELS[isolation] : undefined
  if (isolation !== undefined && level === undefined) return invalidRequest('invalid isolation level')
  const readOnly = headers['neon-batch-read-only'] === 'true'
  const deferrable = headers['neon-batch-deferrable'] === 'true'
  const modes = [level && `ISOLATION LEVEL ${level}`, readOnly && 'READ ONLY', deferrable && 'DEFERRABLE'].filter(Boolean)
  return {
    ...target,
    arrayMode: headers['neon-array-mode'] === 'true',
    begin: `START TRANSACTION ${modes.join(', ')}`,
    echo: {
      ...(readOnly && { 'Neon-Batch-Read-Only': 'true' }),
      ...(deferrable && { 'Neon-Batch-Deferrable': 'true' }),
      ...(level === 'SERIALIZABLE' && { 'Neon-Batch-Isolation-Level': 'Serializable' }),
    },
  }
}

function targetOf(caller: string, databaseUrl: string): { url: string; user: string } | GatewayFailure {
  const wanted = URL.parse(caller)
  if (wanted === null || !/^postgres(ql)?:$/.test(wanted.protocol)) return invalidRequest('invalid connection string')
  if (wanted.username === '') return invalidRequest('missing username')
  if (wanted.password === '') return invalidRequest('missing password')
  if (wanted.pathname.length < 2) return invalidRequest('missing database name')
  const url = new URL(databaseUrl)
  url.username = wanted.username
  url.password = wanted.password
  url.pathname = wanted.pathname
  const application = wanted.searchParams.get('application_name')
  if (application !== null) url.searchParams.set('application_name', application)
  return { url: url.href, user: decodeURIComponent(wanted.username) }
}
