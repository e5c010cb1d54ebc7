import { type ParseArgsConfig, parseArgs } from 'node:util'

/** Says what is wrong with a command as it was given, and how it is used, and ends it. */
export function refuseCommand(problem: string, usage: string): never {
  console.error(`${problem}\n${usage}`)
  process.exit(2)
}

/** The options and words that a command was given. One that it does not know ends it. */
export function readCommandLine<Config extends ParseArgsConfig>(
  usage: string,
  config: Config,
): ReturnType<typeof parseArgs<Config>> {
  try {
    return parseArgs(config)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    return refuseCommand(message.replace(/^Unknown option '(.+?)'.*/s, 'unknown option $1'), usage)
  }
}

/** The database that a command is for. */
export function requireDatabaseUrl(usage: string): string {
  const { DATABASE_URL } = process.env
  return DATABASE_URL || refuseCommand('set DATABASE_URL, for example to postgresql://user:password@host/database', usage)
}
