import type { AuditOrigin } from '../../model/audit.ts'

/** What the platform knows of where a request comes from. */
export interface RequestPlace {
  readonly country?: unknown
  readonly colo?: unknown
}

const IPV4 = /^(\d{1,3})(\.\d{1,3}){3}$/
const IPV6 = /^[0-9a-f:.]*:[0-9a-f:.]*$/i
const MAX_ADDRESS_LENGTH = 45

/** `name/version`; a version is digits and dots. Comments, and whatever else a user agent may say, are left out. */
const PRODUCT = /^[A-Za-z][A-Za-z-]{0,31}\/\d{1,5}(\.\d{1,5}){0,3}$/
const MAX_PRODUCTS = 6

/** Only forms that are known are taken, so that nothing else can come in by these headers. */
export function originOf(headers: Headers, place: RequestPlace = {}): AuditOrigin {
  return {
    address: addressIn(headers.get('CF-Connecting-IP')),
    country: letters(place.country, /^[A-Z][A-Z0-9]$/),
    colo: letters(place.colo, /^[A-Z]{3}$/),
    user_agent: products(headers.get('User-Agent') ?? ''),
  }
}

function addressIn(text: string | null): string | null {
  if (text === null || text.length > MAX_ADDRESS_LENGTH) return null
  if (IPV4.test(text)) return text.split('.').every((part) => Number(part) <= 255) ? text : null
  return IPV6.test(text) && URL.canParse(`http://[${text}]`) ? text : null
}

function letters(value: unknown, form: RegExp): string | null {
  return typeof value === 'string' && form.test(value) ? value : null
}

function products(text: string): string | null {
  const found = text.split(/\s+/).filter((word) => PRODUCT.test(word))
  return found.length === 0 ? null : found.slice(0, MAX_PRODUCTS).join(' ')
}
