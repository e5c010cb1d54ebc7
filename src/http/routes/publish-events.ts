import type { publishEvents as operation } from '../../protocol/operations.ts'
import { publishHeaders } from '../../protocol/parameters.ts'
import { appendBatches } from '../append-batches.ts'
import type { Route } from '../context.ts'
import { fitSession, noteWrites } from '../note-writes.ts'
import { readPublishedEvents } from '../published-events.ts'
import { eventFormatOf, readBody } from '../read-body.ts'
import { validateHeaders } from '../validate.ts'

export const publishEvents: Route<typeof operation> = async (context) => {
  const { deps, principal, request } = context
  const headers = validateHeaders(publishHeaders, request)
  const format = eventFormatOf(request)
  const events = await readPublishedEvents(await readBody(request), format, {
    application_name: headers['X-Application-Name'] || principal.application_name,
    idempotency_key: headers['Idempotency-Key'] ?? null,
    now: deps.now(),
  })
  const { batches, derived } = events
  const options = { on_conflict: 'report', check_only: false, list_fresh: false, partly: false } as const
  const answers = await appendBatches(context, batches, options)
  noteWrites(context, batches, answers)
  await fitSession(context)

  const known = answers.flatMap((answer) => answer.conflicts)
  const repeats = known.filter((id) => derived.has(id)).length
  const conflicts = [...new Set([...events.conflicts, ...known])].filter((id) => !derived.has(id))
  return Response.json(
    {
      published: answers.reduce((total, { recorded, duplicates }) => total + recorded + duplicates, repeats),
      event_ids: events.event_ids,
      ...(conflicts.length > 0 ? { conflicts } : {}),
    },
    { status: 202 },
  )
}
