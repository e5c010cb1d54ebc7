/** Least to most urgent. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Members of a log line beside its level and message. Never event data, never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

/** One JSON object a line, on the console's stream of that level. */
export const consoleLog: Log = (level, message, fields) => {
  console[level](JSON.stringify({ level, message, ...fields }))
}

/** Leaves out what is less urgent than `least`. */
export function logFrom(least: LogLevel, log: Log = consoleLog): Log {
  const bound = LOG_LEVELS.indexOf(least)
  return (level, message, fields) => {
    if (LOG_LEVELS.indexOf(level) >= bound) log(level, message, fields)
  }
}
