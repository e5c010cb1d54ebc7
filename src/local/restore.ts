import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Service } from '../client/service.ts'
import { readCommandLine, refuseCommand } from './command-line.ts'
import { openOutput } from './demo-output.ts'
import { readArchiveFile, tenantFolder } from './restore/archive-file.ts'
import { whyAnotherTenant } from './restore/key-tenant.ts'
import { recordArchived } from './restore/record-archived.ts'

const USAGE = `usage: npm run restore -- <file or folder>... [--url <address>] [--sha256 <hex>] [--other-tenant]
Records archived events again, as they were, with new times of recording. Safe to repeat: what is there already stays as it is.
--sha256 is what the one file must have; a file <name>.sha256 beside it says the same.
Files in the folders of the archive are recorded with a key of their own tenant, for which DATABASE_URL names the database that keeps the
key; --other-tenant records them with any.
EVENT_STORE_API_KEY is a key of the tenant with events:write, and events:publish for application events (none is needed on loopback).`

const options = {
  url: { type: 'string', default: 'http://127.0.0.1:8787' },
  sha256: { type: 'string' },
  'other-tenant': { type: 'boolean', default: false },
} as const

async function run(): Promise<boolean> {
  const { values, positionals } = readCommandLine(USAGE, { options, allowPositionals: true })
  const files = positionals.flatMap(filesOf).sort()
  if (files.length === 0) refuseCommand('no archived files are named: folders are looked through for *.ndjson', USAGE)
  if (values.sha256 !== undefined && files.length > 1) refuseCommand('--sha256 is that of one file, and these are several', USAGE)
  const tenants = new Set(files.map(tenantFolder).filter((tenant) => tenant !== null))
  if (tenants.size > 1)
    refuseCommand(`these are files of several tenants (${[...tenants].join(', ')}), and a key is of one`, USAGE)
  const apiKey = process.env.EVENT_STORE_API_KEY || undefined
  const [folder] = tenants
  if (folder !== undefined && !values['other-tenant']) {
    const why = await whyAnotherTenant(folder, apiKey, process.env.DATABASE_URL)
    if (why) throw new Error(`${why}. With --other-tenant they are recorded all the same; nothing was`)
  }

  const read = (file: string) => readArchiveFile(file, readFileSync(file), values.sha256 ?? sumBeside(file))
  // All of them before any is recorded: one that is broken changes nothing.
  for (const file of files) read(file)
  const service = new Service({ url: values.url, apiKey })
  const output = openOutput(process.stdout)
  const progress = output.progress('restoring', files.length)
  const total = { events: 0, recorded: 0, published: 0, duplicates: 0 }
  const conflicts: string[] = []
  for (const [place, file] of files.entries()) {
    const events = read(file)
    const restored = await recordArchived(service, events)
    total.events += events.length
    total.recorded += restored.recorded
    total.published += restored.published
    total.duplicates += restored.duplicates
    conflicts.push(...restored.conflicts)
    progress.at(place + 1)
    progress.note(`${file}: ${counted(events.length, 'event')}`)
  }
  progress.end()
  const published = total.published > 0 ? `, ${total.published} published` : ''
  output.line(
    `${counted(files.length, 'file')}, ${counted(total.events, 'event')}: ${total.recorded} recorded${published}, ${total.duplicates} there already, ${counted(conflicts.length, 'conflict')}`,
  )
  for (const id of conflicts)
    output.line(`another event has the id ${JSON.stringify(id)}: it stays, and the archived one is not restored`)
  return conflicts.length === 0
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ndjson'))
    .map((name) => join(path, name))
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** As `sha256sum` writes it. */
function sumBeside(file: string): string | null {
  const text = statSync(`${file}.sha256`, { throwIfNoEntry: false }) && readFileSync(`${file}.sha256`, 'utf8')
  return text ? (text.trim().split(/\s/)[0] ?? null) : null
}

try {
  if (!(await run())) process.exitCode = 1
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 2
}
