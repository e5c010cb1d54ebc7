import type { EventHead } from '../../model/event-head.ts'
import type { EventOutcome } from '../../protocol/answers.ts'
import { RequestFailure } from '../../protocol/failure.ts'
import type { recordEvents as operation } from '../../protocol/operations.ts'
import { appendBatches, type Recorded } from '../append-batches.ts'
import type { Route, RouteContext } from '../context.ts'
import type { ConversationBatch, IncomingEvents } from '../conversation-batches.ts'
import { eventOutcomes } from '../event-outcomes.ts'
import { readIncomingEvents } from '../incoming-events.ts'
import { fitSession, noteWrites, persistWrites } from '../note-writes.ts'
import { eventFormatOf, readBody } from '../read-body.ts'

type Context = RouteContext<typeof operation>

export const recordEvents: Route<typeof operation> = async (context) => {
  const { query } = context
  const format = eventFormatOf(context.request)
  const incoming = readIncomingEvents(await readBody(context.request), format)
  const { batches } = incoming
  const several = batches.length > 1
  if (query.expected_seq !== undefined && several) {
    const message = 'is for one conversation: send the events of each conversation in a request of its own'
    throw new RequestFailure({ kind: 'invalid-request', errors: [{ path: 'expected_seq', message }] })
  }
  const persisted = query.ack === 'persisted'
  const listed = persisted || query.list === 'events'
  const options = {
    expected_seq: query.expected_seq,
    on_conflict: query.on_conflict ?? 'report',
    list_fresh: listed,
    list_seqs: listed,
  }
  if (query.on_conflict === 'reject') {
    if (incoming.conflicts.length > 0) {
      throw new RequestFailure({ kind: 'conflicting-events', conflicts: incoming.conflicts, partly_recorded: false })
    }
    if (several) await appendBatches(context, batches, { ...options, check_only: true, partly: false })
  }
  const answers = await appendBatches(context, batches, { ...options, check_only: false, partly: several })
  const through = noteWrites(context, batches, answers)
  if (persisted) await persistWrites(context, through)
  else await fitSession(context)
  const outcomes = listed ? eventOutcomes(incoming, answers, persisted ? await idsElsewhere(context, batches) : []) : null
  const counts = outcomes ? countOutcomes(outcomes) : countAnswers(incoming, answers)
  return Response.json(
    {
      ...counts,
      conversations: batches.flatMap(({ conversation_id }, i) => {
        const range = answers[i]?.range
        return range ? [{ conversation_id, ...range }] : []
      }),
      ...(outcomes && query.list === 'events' ? { events: outcomes } : {}),
    },
    { status: counts.recorded > 0 ? 201 : 200 },
  )
}

interface Counts {
  readonly recorded: number
  readonly duplicates: number
  /** Ids, each once. */
  readonly conflicts: readonly string[]
}

function countOutcomes(outcomes: readonly EventOutcome[]): Counts {
  const of = (outcome: EventOutcome['outcome']) => outcomes.filter((event) => event.outcome === outcome)
  return {
    recorded: of('recorded').length,
    duplicates: of('duplicate').length,
    conflicts: [...new Set(of('conflict').map(({ event_id }) => event_id))],
  }
}

function countAnswers(incoming: IncomingEvents, answers: readonly Recorded[]): Counts {
  return {
    recorded: answers.reduce((total, answer) => total + answer.recorded, 0),
    duplicates: answers.reduce((total, answer) => total + answer.duplicates, 0),
    conflicts: [...new Set([...incoming.conflicts, ...answers.flatMap((answer) => answer.conflicts)])],
  }
}

/** The object knows the ids of its own conversation; those of the tenant's others are known in the history. */
async function idsElsewhere({ deps, tenant }: Context, batches: readonly ConversationBatch[]): Promise<readonly string[]> {
  const sent = batches.flatMap(({ conversation_id, heads }) =>
    (JSON.parse(`[${heads}]`) as EventHead[]).map(({ event_id }) => ({ event_id, conversation_id })),
  )
  const found = await deps.history.conversationsOfEvents(
    tenant,
    sent.map(({ event_id }) => event_id),
  )
  const elsewhere = sent.filter(({ event_id, conversation_id }) => (found.get(event_id) ?? conversation_id) !== conversation_id)
  return [...new Set(elsewhere.map(({ event_id }) => event_id))]
}
