export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Members of a log line beside its level and message. Never event data, never secrets. */
export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export type Log = (level: LogLevel, message: string, fields?: LogFields) => void

/** One JSON object a line, on the console's stream of that level. */
export const consoleLog: Log = (level, message, fields) => {
  console[level](JSON.stringify({ level, message, ...fields }))
}
