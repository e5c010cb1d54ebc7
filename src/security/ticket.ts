import { fromBase64Url, toBase64Url } from '../model/base64-url.ts'
import { idText } from '../model/text-rules.ts'
import { hashSecret } from './api-key.ts'

/** What stands before every ticket, so that people and secret scanners know one when they see it. */
export const TICKET_PREFIX = 'evt_'

/** 256 bits: nobody guesses one, and a fast hash of it cannot be turned back. */
const SECRET_BYTES = 32

const TICKET = new RegExp(`^${TICKET_PREFIX}([A-Za-z0-9_-]{44,2000})$`)

const tenantText = idText()

export interface GeneratedTicket {
  /** Given to whoever asked, and kept nowhere. */
  readonly ticket: string
  readonly hash: string
}

/** A secret, and behind it the tenant's name, which tells where to look the secret's hash up and proves nothing. */
export async function generateTicket(tenant: string): Promise<GeneratedTicket> {
  const name = new TextEncoder().encode(tenant)
  const bytes = new Uint8Array(SECRET_BYTES + name.byteLength)
  crypto.getRandomValues(bytes.subarray(0, SECRET_BYTES))
  bytes.set(name, SECRET_BYTES)
  const ticket = `${TICKET_PREFIX}${toBase64Url(bytes)}`
  return { ticket, hash: await hashSecret(ticket) }
}

export interface PresentedTicket {
  readonly tenant: string
  /** Of the whole text. */
  readonly hash: string
}

/** Null for any text that is no ticket. */
export async function readTicket(text: string): Promise<PresentedTicket | null> {
  const [, encoded] = TICKET.exec(text) ?? []
  if (encoded === undefined) return null
  const tenant = tenantText.safeParse(tenantOf(encoded))
  return tenant.success ? { tenant: tenant.data, hash: await hashSecret(text) } : null
}

function tenantOf(encoded: string): string | null {
  try {
    const bytes = fromBase64Url(encoded)
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(SECRET_BYTES))
  } catch {
    return null
  }
}
