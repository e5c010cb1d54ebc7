import { type ApplicationEventFacts, isLifecycleEventName } from './application-events.ts'
import { factsHash } from './facts-hash.ts'

/** Characters of a derived id: a UUID's 32 hex digits, as Graphite's ids have them. */
const ID_LENGTH = 32

/**
 * The id that an event of a workflow's or an activity's beginning or end has whoever sends it and however often: its
 * facts, hashed. Null for other events, and where the facts are not known.
 *
 * A run starts and ends once; the activity that publishes this is retried, and its attempt is no fact of the run. An
 * activity's own attempts each start and end.
 */
export async function lifecycleEventId(facts: ApplicationEventFacts): Promise<string | null> {
  const { event_name, workflow_run_id, activity_id, attempt } = facts
  if (event_name === null || !isLifecycleEventName(event_name) || workflow_run_id === null) return null
  switch (event_name) {
    case 'workflow_start':
    case 'workflow_end':
      return hashOf([workflow_run_id, event_name])
    case 'activity_start':
    case 'activity_end':
      return activity_id === null ? null : hashOf([workflow_run_id, activity_id, attempt, event_name])
  }
}

function hashOf(facts: readonly (string | number | null)[]): Promise<string> {
  return factsHash(facts, ID_LENGTH)
}
