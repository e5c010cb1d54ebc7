import { anonymiser } from '../model/anonymiser.ts'
import { isPossibleId } from '../model/text-rules.ts'
import { toUtcTimestamp } from '../model/timestamp.ts'
import { readCommandLine, refuseCommand } from './command-line.ts'
import { type ExportState, exportedLines } from './export/exported-lines.ts'
import { fileInTheWay, partialName, writeLines } from './export/write-lines.ts'

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
  if (!URL.canParse(url)) refuseCommand('--url is no address', USAGE)
  if (conversation !== undefined && !isPossibleId(conversation)) refuseCommand('--conversation is no id', USAGE)
  if (after !== undefined && !/^\d{1,19}$/.test(after)) refuseCommand('--after is no cursor', USAGE)
  if (out === '') refuseCommand('--out names no file', USAGE)
  const [since, until] = [time('since', values.since), time('until', values.until)]
  if (conversation !== undefined && (since ?? until) !== undefined) {
    refuseCommand('--since and --until are for all events, and not for --conversation', USAGE)
  }
  if (values.anonymise !== (values['secret-env'] !== undefined)) {
    refuseCommand('--anonymise and --secret-env go together', USAGE)
  }
  const apiKey = secretIn('token-env', values['token-env']) ?? (process.env.EVENT_STORE_API_KEY || undefined)
  return { url, out, conversation, after, since, until, apiKey, anonymise: copying(secretIn('secret-env', values['secret-env'])) }
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
  const { out, ...wanted } = readArguments()
  const inTheWay = out === undefined ? null : fileInTheWay(out)
  if (inTheWay !== null) throw new Error(`${inTheWay} is there already: move it away, or name another file`)
  const ending = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => ending.abort(new Error('the export was interrupted')))
  const state: ExportState = { events: 0, cursor: null, failure: undefined }
  const progress = setInterval(
    () => console.error(`${count(state)} so far, the last with the cursor ${state.cursor}`),
    PROGRESS_MS,
  )
  try {
    await writeLines(exportedLines({ ...wanted, signal: ending.signal }, state), out, () =>
      state.failure === undefined ? 'complete' : state.events > 0 ? 'partial' : 'empty',
    )
  } catch (error) {
    const left = out === undefined ? '' : ` What is in ${partialName(out)} is not whole: delete it.`
    throw new Error(`the export could not be written: ${said(error)}.${left}`)
  } finally {
    clearInterval(progress)
  }
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
