import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import { anonymiser } from '../model/anonymiser.ts'
import { isPossibleId } from '../model/text-rules.ts'
import { toUtcTimestamp } from '../model/timestamp.ts'
import { readCommandLine, refuseCommand } from './command-line.ts'
import { type ExportOptions, type ExportState, exportedLines } from './export/exported-lines.ts'
import { discard, fileInTheWay, giveName, partialName, type WriteState, writeLines } from './export/write-lines.ts'

const DEFAULT_URL = 'http://127.0.0.1:8787'

const USAGE = `usage: npm run --silent export -- [--url <address>] [--token-env <name>] [--out <file.ndjson or file.ndjson.gz>]
         [--conversation <id> | --since <time> --until <time>] [--after <cursor>] [--anonymise --secret-env <name>]
Writes the stored events, one a line, to the file or to the output: all that the key may read, a conversation, or a range of time.
The key, with events:read, is in EVENT_STORE_API_KEY or the variable that --token-env names (none is needed on loopback); the secret
of the pseudonyms, 16 bytes or more, in the one that --secret-env names. A time is ISO 8601, or a day such as 2027-01-31.`

/** Between two lines that tell how far it is. */
const PROGRESS_MS = 5_000

const options = {
  url: { type: 'string', default: DEFAULT_URL },
  'token-env': { type: 'string' },
  out: { type: 'string' },
  conversation: { type: 'string' },
  since: { type: 'string' },
  until: { type: 'string' },
  after: { type: 'string' },
  anonymise: { type: 'boolean', default: false },
  'secret-env': { type: 'string' },
} as const

function readArguments() {
  const { values } = readCommandLine(USAGE, { options })
  const { url, out, conversation, after } = values
  if (conversation !== undefined && !isPossibleId(conversation)) refuseCommand('--conversation is no id', USAGE)
  if (after !== undefined && !/^\d{1,19}$/.test(after)) refuseCommand('--after is no cursor', USAGE)
  if (out === '') refuseCommand('--out names no file', USAGE)
  if (out !== undefined && !existsSync(dirname(out))) refuseCommand('--out names a folder that is not there', USAGE)
  const [since, until] = [time('since', values.since), time('until', values.until)]
  if (conversation !== undefined && (since ?? until) !== undefined) {
    refuseCommand('--since and --until are for all events, and not for --conversation', USAGE)
  }
  if (values.anonymise !== (values['secret-env'] !== undefined)) {
    refuseCommand('--anonymise and --secret-env go together', USAGE)
  }
  const apiKey = secretIn('token-env', values['token-env']) ?? (process.env.EVENT_STORE_API_KEY || undefined)
  const anonymise = copying(secretIn('secret-env', values['secret-env']))
  return { out, wanted: { connection: { url, apiKey }, conversation, after, since, until, anonymise } }
}

function linesOf(options: ExportOptions, state: ExportState): AsyncIterable<string> {
  try {
    new URL(options.connection.url)
    return exportedLines(options, state)
  } catch {
    return refuseCommand('--url is no http or https address without credentials, query and fragment', USAGE)
  }
}

function time(name: string, given: string | undefined): string | undefined {
  if (given === undefined) return undefined
  const utc = toUtcTimestamp(/^\d{4}-\d\d-\d\d$/.test(given) ? `${given}T00:00:00Z` : given)
  return utc ?? refuseCommand(`--${name} is no ISO 8601 time`, USAGE)
}

/** What a variable holds. What was given in its name's place by mistake may be the secret itself, and is not said again. */
function secretIn(flag: string, name: string | undefined): string | undefined {
  if (name === undefined) return undefined
  return process.env[name] || refuseCommand(`--${flag} names no environment variable that is set`, USAGE)
}

function copying(secret: string | undefined) {
  try {
    return secret === undefined ? undefined : anonymiser(secret)
  } catch (error) {
    return refuseCommand(error instanceof Error ? error.message : String(error), USAGE)
  }
}

async function run(): Promise<boolean> {
  const { out, wanted } = readArguments()
  const ending = new AbortController()
  const state: ExportState & WriteState = { events: 0, cursor: null, failure: undefined, hasFile: false }
  const lines = linesOf({ ...wanted, signal: ending.signal }, state)
  const inTheWay = out === undefined ? null : fileInTheWay(out)
  if (inTheWay !== null) throw new Error(`${inTheWay} is there already: move it away, or name another file`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ending.abort(new Error('the export was interrupted')))
  const progress = setInterval(
    () => console.error(`${count(state)} so far${state.cursor === null ? '' : `, the last with the cursor ${state.cursor}`}`),
    PROGRESS_MS,
  )
  try {
    await writeLines(lines, out, state)
  } catch (error) {
    const left = out !== undefined && state.hasFile ? ` What is in ${partialName(out)} is not whole: delete it.` : ''
    throw new Error(`the export could not be written: ${said(error)}.${left}`)
  } finally {
    clearInterval(progress)
  }
  if (out !== undefined) await finish(out, state)
  const goOn = state.cursor === null ? '' : ` The next export goes on with --after ${state.cursor}`
  if (state.failure === undefined) {
    console.error(`Exported ${count(state)}${out === undefined ? '' : ` to ${out}`}.${goOn && `${goOn}.`}`)
    return true
  }
  const where = out === undefined ? 'were written' : `are in ${partialName(out)}`
  console.error(said(state.failure))
  console.error(
    state.cursor === null
      ? 'Nothing was exported.'
      : `${count(state)} ${where}, whole lines all of them.${goOn}${out === undefined ? '' : ' and another --out; the two files can be joined'}.`,
  )
  return false
}

/** What was read before a failure stays in the partial file. */
async function finish(out: string, state: ExportState): Promise<void> {
  if (state.failure !== undefined) return state.events === 0 ? discard(out) : undefined
  try {
    await giveName(out)
  } catch (error) {
    const why = existsSync(out) ? `${out} came meanwhile` : `${out} could not be made: ${said(error)}`
    throw new Error(`${why}. The export is whole, ${count(state)}: it is in ${partialName(out)}.`)
  }
}

function count({ events }: ExportState): string {
  return events === 1 ? '1 event' : `${events.toLocaleString('en-US')} events`
}

function said(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

try {
  if (!(await run())) process.exitCode = 1
} catch (error) {
  console.error(said(error))
  process.exitCode = 1
}
