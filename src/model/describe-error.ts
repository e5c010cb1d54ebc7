/** What the runtime says of a value: it may quote it. */
const QUOTING = ['SyntaxError', 'TypeError', 'RangeError', 'URIError']

/** The innermost place in the code, not in the runtime. */
function placeOf({ stack = '', message }: Error): string {
  const [frame = ''] = /^ +at (?!.*\bnode:).*:\d+:\d+\)?$/m.exec(stack.slice(stack.indexOf(message) + message.length)) ?? []
  return frame.trim()
}

/**
 * What a log may say of something thrown: message and causes, without stacks. Errors of the store hold neither event data nor
 * secrets; of what may quote a value only its kind and its place are told.
 */
export function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return typeof thrown
  const { name, message, cause } = thrown
  const own = QUOTING.includes(name) ? `${name} ${placeOf(thrown)}` : `${name}: ${message}`
  return cause === undefined ? own : `${own} <- ${describeError(cause)}`
}
