import { readCommandLine } from './command-line.ts'
import { sampleConversation } from './demo-conversation.ts'
import { type Output, openOutput } from './demo-output.ts'
import { readBack } from './demo-read-back.ts'
import { recordConversation, untilPersisted } from './demo-record.ts'
import { connectService, DemoFailure } from './demo-service.ts'

const DEFAULT_URL = 'http://127.0.0.1:8787'

/** Runs of an assistant in the conversation; the last one stops in the middle, as if its process had died. */
const RUNS = 3

const USAGE = `usage: npm run demo [-- --url <address>]
Plays a conversation into a running service, ${DEFAULT_URL} if it is not told another, and reads it back.
EVENT_STORE_API_KEY is a key with events:write and events:read (none is needed on loopback).`

const { values: flags } = readCommandLine(USAGE, { options: { url: { type: 'string', default: DEFAULT_URL } } })
try {
  process.exitCode = await demo(flags.url, openOutput(process.stdout))
} catch (error) {
  console.error(error instanceof DemoFailure ? error.message : error)
  process.exitCode = 1
}

/** Plays a conversation into a running service and reads it back by every key. Gives the exit code. */
async function demo(url: string, output: Output): Promise<number> {
  const { service, history } = await connectService(url, process.env.EVENT_STORE_API_KEY)
  const conversation = sampleConversation(Math.random, new Date(), RUNS)
  output.line(
    `The event store at ${service.url} is ready; its history is ${history === 'postgres' ? 'in Postgres' : 'in memory'}.`,
  )
  output.line(
    `Playing ${RUNS} runs of an assistant into ${conversation.id}: ${conversation.events.length} events, ${kib(conversation.bytes)} KiB,`,
  )
  output.line('one awaited request an event, and the whole conversation read before every call of a language model.')
  const start = await service.newestPosition()

  const recorded = await recordConversation(service, conversation, output)
  output.line(`first event: 201 after ${ms(recorded.firstMs)}; all ${conversation.events.length}: ${ms(recorded.totalMs)}`)
  output.line(`reads before calls of a language model: ${recorded.reads}, ${ms(recorded.readMs)} in all, each complete`)
  const waited = await untilPersisted(service, conversation.id)
  const where = history === 'postgres' ? 'Postgres' : 'the history'
  output.line(`${where} has all ${waited.head} events ${ms(waited.ms)} after the last 201`)

  const rows = await readBack(service, conversation, start, output)
  output.line('')
  output.table(
    ['read back by', 'requests', 'found', 'as sent', 'took'],
    rows.map((row) => [row.by, String(row.requests), row.found, row.fault === null ? 'yes' : 'NO', ms(row.ms)]),
  )
  output.line('')
  const faults = rows.filter((row) => row.fault !== null)
  for (const { by, fault } of faults) output.line(`${by}: ${fault}`)
  output.line(
    faults.length === 0
      ? 'Everything came back as it was sent, byte for byte.'
      : `${faults.length} of ${rows.length} reads failed.`,
  )
  return faults.length === 0 ? 0 : 1
}

function ms(value: number): string {
  return value < 1000 ? `${value.toFixed(value < 10 ? 1 : 0)} ms` : `${(value / 1000).toFixed(1)} s`
}

function kib(bytes: number): number {
  return Math.round(bytes / 1024)
}
