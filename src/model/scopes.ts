/** What a credential may do within its tenant, as it is written in keys, tokens and the API document. */
export const SCOPES = ['events:write', 'events:read', 'events:publish', 'events:erase', 'admin'] as const
export type Scope = (typeof SCOPES)[number]

export const ALL_SCOPES: ReadonlySet<Scope> = new Set(SCOPES)

export function isScope(text: unknown): text is Scope {
  return SCOPES.includes(text as Scope)
}

/** `admin` holds every other scope: who manages keys could give itself any. Nothing else implies anything. */
export function allows(scopes: ReadonlySet<Scope>, needed: Scope): boolean {
  return scopes.has(needed) || scopes.has('admin')
}
