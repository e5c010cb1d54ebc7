import { member, text } from '../../../../model/event-context.ts'
import { stringifyJson } from '../../../../model/json.ts'
import type { Message } from '../../../../model/message.ts'
import type { Thread, Told, ToldFailure } from './thread.ts'

/** A message as it is shown: a whole one, or the pieces of a streamed one joined. */
export interface ThreadMessage extends Pick<Told, 'key' | 'seq' | 'request' | 'by' | 'at'> {
  readonly message: Message
}

export interface ThreadCall {
  readonly id: string | null
  readonly name: string
  /** JSON text, as the model wrote it. */
  readonly arguments: string
  readonly results: readonly ThreadMessage[]
}

export type ThreadRow =
  | { readonly kind: 'request'; readonly key: string; readonly request: string | null; readonly seq: number; readonly at: string }
  | { readonly kind: 'message'; readonly key: string; readonly shown: ThreadMessage; readonly calls: readonly ThreadCall[] }
  | { readonly kind: 'failure'; readonly key: string; readonly failure: ToldFailure }

export interface ThreadRows {
  readonly rows: readonly ThreadRow[]
  /** How many messages the rows hold. */
  readonly messages: number
  /** The index of the row in which a message stands, by the message's key; a piece's leads to the whole. */
  readonly indexOf: ReadonlyMap<string, number>
  /** The key of the whole message that a key is of. */
  readonly wholeOf: ReadonlyMap<string, string>
}

/** The thread as it was when the event `until` had been recorded: a tool's results at its call, one failure told once. */
export function threadRows({ told, failures }: Thread, until: number): ThreadRows {
  const wholeOf = new Map<string, string>()
  const { alone, answers } = splitAnswers(wholes(told, until, wholeOf))
  const rows: ThreadRow[] = []
  const indexOf = new Map<string, number>()
  let request: string | null | undefined
  const put = (row: ThreadRow, of: string | null, seq: number, at: string) => {
    if (request !== of) rows.push({ kind: 'request', key: `request ${seq}`, request: of, seq, at })
    request = of
    rows.push(row)
  }
  let messages = 0
  const pending = distinctFailures(failures, until, wholeOf)
  const putFailures = (before: number) => {
    while (pending[0] && pending[0].seq < before) {
      const failure = pending.shift()
      if (!failure) break
      const key = failureKey(failure)
      put({ kind: 'failure', key, failure }, failure.request, failure.seq, failure.at)
      indexOf.set(key, rows.length - 1)
    }
  }
  for (const shown of alone) {
    putFailures(shown.seq)
    const calls = callsOf(shown.message).map((call): ThreadCall => {
      const results = call.id === null ? [] : (answers.get(call.id) ?? [])
      if (call.id !== null) answers.delete(call.id)
      return { ...call, results }
    })
    put({ kind: 'message', key: shown.key, shown, calls }, shown.request, shown.seq, shown.at)
    for (const one of [shown, ...calls.flatMap(({ results }) => results)]) {
      indexOf.set(one.key, rows.length - 1)
      messages++
    }
  }
  putFailures(Infinity)
  return { rows, messages, indexOf, wholeOf }
}

/** An error that passes from a tool to its node, its workflow and its assistant is one failure. */
export function failureKey({ request, error }: Pick<ToldFailure, 'request' | 'error'>): string {
  return JSON.stringify(['failure', request, error])
}

function distinctFailures(failures: readonly ToldFailure[], until: number, known: Map<string, string>): ToldFailure[] {
  return failures.filter((failure) => {
    const key = failureKey(failure)
    if (failure.seq > until || known.has(key)) return false
    known.set(key, key)
    return true
  })
}

/** Each message once, the pieces of a stream joined in the place of the first. */
function wholes(told: readonly Told[], until: number, wholeOf: Map<string, string>): ThreadMessage[] {
  const messages: { key: string; told: Told; pieces: string[] | null }[] = []
  const streams = new Map<string, (typeof messages)[number]>()
  for (const one of told) {
    if (one.seq > until) break
    if (one.goneAt <= until || wholeOf.has(one.key)) continue
    const begun = one.stream === null ? undefined : streams.get(one.stream)
    const content = one.message.content
    wholeOf.set(one.key, begun?.key ?? one.key)
    if (begun) {
      if (typeof content === 'string') begun.pieces?.push(content)
      continue
    }
    const made = { key: one.key, told: one, pieces: one.stream === null ? null : typeof content === 'string' ? [content] : [] }
    messages.push(made)
    if (one.stream !== null) streams.set(one.stream, made)
  }
  return messages.map(({ told: { key, seq, request, by, at, message }, pieces }) => {
    if (!pieces) return { key, seq, request, by, at, message }
    const content = pieces.length > 0 ? { content: pieces.join('') } : {}
    return { key, seq, request, by, at, message: { ...message, ...content, is_streaming: false } }
  })
}

function splitAnswers(messages: readonly ThreadMessage[]) {
  const called = new Set(messages.flatMap(({ message }) => callsOf(message).map(({ id }) => id)))
  const answers = new Map<string, ThreadMessage[]>()
  const alone: ThreadMessage[] = []
  for (const one of messages) {
    const call = one.message.tool_call_id
    if (typeof call !== 'string' || !called.has(call) || callsOf(one.message).some(({ id }) => id !== null)) alone.push(one)
    else if (!answers.get(call)?.push(one)) answers.set(call, [one])
  }
  return { alone, answers }
}

function callsOf({ tool_calls, function_call }: Message): Omit<ThreadCall, 'results'>[] {
  const calls: unknown[] = Array.isArray(tool_calls) ? tool_calls : []
  // How OpenAI called it before there were several.
  const all = calls.length === 0 && function_call ? [{ function: function_call }] : calls
  return all.map((call) => {
    const called = member(call, 'function')
    const given = member(called, 'arguments')
    return {
      id: text(member(call, 'id')),
      name: text(member(called, 'name')) ?? 'tool',
      arguments: text(given) ?? (given === undefined || given === null ? '' : stringifyJson(given)),
    }
  })
}
