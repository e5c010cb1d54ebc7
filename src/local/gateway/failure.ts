import pg from 'pg'

export interface GatewayFailure {
  failure: { status: number; message: string; database?: pg.DatabaseError }
}

/** A refusal by the proxy itself: Neon answers it with every field, the database's ones empty. */
export function invalidRequest(message: string, status = 400): GatewayFailure {
  return { failure: { status, message } }
}

/**
 * A statement that failed. Neon answers 400 for whatever happens after the connection stood: PostgreSQL's refusals with
 * their code, and a connection lost on the way with an empty code.
 */
export function statementFailure(error: Error): GatewayFailure {
  if (!(error instanceof pg.DatabaseError)) return { failure: { status: 400, message: error.message } }
  return { failure: { status: 400, message: error.message, database: error } }
}

const WRONG_CREDENTIALS = new Set(['28P01', '28000'])

/** No connection. Wrong credentials are the caller's (400, without a code); whatever else is missing is a 500. */
export function connectionFailure(error: Error, user: string): GatewayFailure {
  if (!(error instanceof pg.DatabaseError)) {
    const reason = error.message || ('code' in error ? String(error.code) : error.name)
    return { failure: { status: 500, message: `could not connect to the database: ${reason}` } }
  }
  if (WRONG_CREDENTIALS.has(error.code ?? '')) return invalidRequest(`password authentication failed for user '${user}'`)
  return { failure: { status: 500, message: error.message, database: error } }
}

/** The body of an error answer, with the names and nulls that the driver reads. */
export function failureBody({ failure: { message, database } }: GatewayFailure): string {
  return JSON.stringify({
    message,
    code: database?.code ?? '',
    detail: database?.detail ?? null,
    hint: database?.hint ?? null,
    position: database?.position ?? null,
    internalPosition: database?.internalPosition ?? null,
    internalQuery: database?.internalQuery ?? null,
    severity: database?.severity ?? '',
    where: database?.where ?? null,
    table: database?.table ?? null,
    column: database?.column ?? null,
    schema: database?.schema ?? null,
    dataType: database?.dataType ?? null,
    constraint: database?.constraint ?? null,
    file: database?.file ?? null,
    line: database?.line ?? null,
    routine: database?.routine ?? null,
  })
}
