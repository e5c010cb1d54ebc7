import { writeResult } from './answer.ts'
import type { GatewayConnection } from './connection.ts'
import { AnswerTooLarge, type StatementResult } from './exchange.ts'
import { type GatewayFailure, invalidRequest, statementFailure } from './failure.ts'
import type { RequestOptions } from './headers.ts'
import type { Payload } from './payload.ts'

const MAX_ANSWER_BYTES = 10 * 1024 * 1024

/** Runs a statement, or a batch as one transaction, and gives the answer's JSON. A batch is committed before it is answered. */
export async function execute(
  connection: GatewayConnection,
  payload: Payload,
  options: RequestOptions,
): Promise<Buffer | GatewayFailure> {
  if (payload.kind === 'single') {
    const outcome = await connection.run([payload.statement], MAX_ANSWER_BYTES)
    const [result] = outcome instanceof Error ? [] : outcome
    if (outcome instanceof Error || result === undefined) return failureOf(connection, outcome)
    return limited(Buffer.from(writeResult(result, payload.statement.arrayMode ?? options.arrayMode)))
  }
  const begin = { text: options.begin, values: [] }
  const outcome = await connection.run([begin, ...payload.statements], MAX_ANSWER_BYTES)
  if (outcome instanceof Error) return failureOf(connection, outcome)
  const results = outcome
    .slice(1)
    .map((result, at) => writeResult(result, payload.statements[at]?.arrayMode ?? options.arrayMode))
  const answer = limited(Buffer.from(`{"results":[${results.join(',')}]}`))
  if (!Buffer.isBuffer(answer)) return answer
  // Not part of the pipeline: an answer that is too large must leave nothing behind.
  const committed = await connection.run([{ text: 'COMMIT', values: [] }], MAX_ANSWER_BYTES)
  return committed instanceof Error ? failureOf(connection, committed) : answer
}

function limited(answer: Buffer): Buffer | GatewayFailure {
  return answer.length > MAX_ANSWER_BYTES ? tooLarge() : answer
}

function tooLarge(): GatewayFailure {
  return invalidRequest(`response is too large (max is ${MAX_ANSWER_BYTES} bytes)`, 507)
}

function failureOf(connection: GatewayConnection, outcome: Error | StatementResult[]): GatewayFailure {
  if (!(outcome instanceof Error)) return statementFailure(new Error('unexpected message from server'))
  const failure = outcome instanceof AnswerTooLarge ? tooLarge() : statementFailure(outcome)
  // Only after an error that PostgreSQL itself reported is the protocol's state known.
  if (failure.failure.database === undefined) void connection.cancel()
  return failure
}
