import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const SECONDS_A_DAY = 86_400

/** How long a conversation stays in its object once it is idle, as wrangler.toml has it. */
export const CONVERSATIONS_HOT_DAYS = readHotDays(readFileSync(join(import.meta.dirname, '../../wrangler.toml'), 'utf8'))

function readHotDays(configuration: string): number {
  const [, seconds] = /^HOT_RETENTION_SECONDS = "(\d+)"$/m.exec(configuration) ?? []
  if (seconds === undefined) throw new Error('wrangler.toml sets no HOT_RETENTION_SECONDS')
  return Number(seconds) / SECONDS_A_DAY
}
