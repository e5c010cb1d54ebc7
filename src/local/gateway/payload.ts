import { type GatewayFailure, invalidRequest } from './failure.ts'

/** One statement as the wire wants it: every parameter is untyped text or NULL. */
export interface Statement {
  text: string
  values: (string | null)[]
  arrayMode: boolean | undefined
}

export type Payload = { kind: 'single'; statement: Statement } | { kind: 'batch'; statements: Statement[] }

/** Bind carries the number of parameters in 16 bits. */
const MAX_PARAMETERS = 65_535

const SURROGATE_ESCAPE = /\\u[dD][89a-fA-F]/
/** In the language since 2025, and not yet in the types. */
const exactJson = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source?: string }) => unknown): unknown
  rawJSON(text: string): object
  isRawJSON(value: unknown): boolean
}

const decoder = new TextDecoder('utf-8', { fatal: true })

/** Reads a request body as Neon's proxy does: a statement or a batch, strict UTF-8, no lone surrogate anywhere. */
export function readPayload(body: Uint8Array): Payload | GatewayFailure {
  let text: string
  let parsed: unknown
  try {
    text = decoder.decode(body)
    parsed = JSON.parse(text)
  } catch (error) {
    return unreadable(error instanceof Error ? error.message : String(error))
  }
  if (SURROGATE_ESCAPE.test(text) && !isWellFormed(parsed)) return unreadable('lone leading surrogate in hex escape')
  if (hasInexactNumber(parsed)) parsed = exactJson.parse(text, keepNumberText)
  if (!isRecord(parsed)) return unreadable('a statement or a batch is expected')
  if ('query' in parsed) {
    const statement = readStatement(parsed)
    return 'failure' in statement ? statement : { kind: 'single', statement }
  }
  if (!Array.isArray(parsed.queries)) return unreadable('neither "query" nor "queries" is given')
  const statements: Statement[] = []
  for (const entry of parsed.queries) {
    const statement = isRecord(entry) ? readStatement(entry) : unreadable('a batch entry is not a statement')
    if ('failure' in statement) return statement
    statements.push(statement)
  }
  return { kind: 'batch', statements }
}

function readStatement(entry: Record<string, unknown>): Statement | GatewayFailure {
  const { query, params = [], arrayMode = null } = entry
  if (typeof query !== 'string') return unreadable('"query" is not a string')
  if (!Array.isArray(params)) return unreadable('"params" is not an array')
  if (arrayMode !== null && typeof arrayMode !== 'boolean') return unreadable('"arrayMode" is not a boolean')
  if (query.includes('\0')) return invalidRequest('string contains embedded null')
  if (params.length > MAX_PARAMETERS) return invalidRequest(`a statement takes at most ${MAX_PARAMETERS} parameters`)
  return { text: query, values: params.map(toParameterText), arrayMode: arrayMode ?? undefined }
}

function toParameterText(value: unknown): string | null {
  if (value === null) return null
  if (typeof value === 'string') return value
  return Array.isArray(value) ? toArrayLiteral(value) : JSON.stringify(value)
}

function toArrayLiteral(values: unknown[]): string {
  const items = values.map((value) => {
    if (value === null) return 'NULL'
    if (Array.isArray(value)) return toArrayLiteral(value)
    const isObject = typeof value === 'object' && !exactJson.isRawJSON(value)
    return JSON.stringify(isObject ? JSON.stringify(value) : value)
  })
  return `{${items.join(',')}}`
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed()
  if (typeof value !== 'object' || value === null) return true
  return Object.entries(value).every(([key, inner]) => key.isWellFormed() && isWellFormed(inner))
}

/** The driver sends numbers as strings; only a hand-made request reaches this with a number that a double cannot hold. */
function hasInexactNumber(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isSafeInteger(value)
  return typeof value === 'object' && value !== null && Object.values(value).some(hasInexactNumber)
}

function keepNumberText(_key: string, value: unknown, context: { source?: string }): unknown {
  return typeof value === 'number' && context.source !== undefined ? exactJson.rawJSON(context.source) : value
}

function unreadable(reason: string): GatewayFailure {
  return invalidRequest(`could not parse the HTTP request body: ${reason}`)
}
