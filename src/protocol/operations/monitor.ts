import * as z from 'zod'
import { MAX_ACTIVITY_POINTS, MAX_OVERVIEW_DAYS } from '../../model/limits.ts'
import * as answers from '../monitor-answers.ts'
import * as parameters from '../parameters.ts'
import { none, operation } from './operation.ts'

const range = {
  since: parameters.instant.meta({
    description: `Events whose own timestamp is at or after this. An hour before \`until\` when absent; at most ${MAX_OVERVIEW_DAYS} days before it`,
  }),
  until: parameters.instant.meta({ description: 'Events whose own timestamp is before this. Now when absent' }),
}

export const readMonitorActivity = operation({
  method: 'GET',
  path: '/v1/monitor/activity',
  scope: 'events:read',
  summary: 'Count events and failures over time',
  description:
    'By steps of the events’ own timestamps, in UTC. Counts are kept by the minute: the range is widened to whole minutes, and the answer says to which.',
  params: none,
  query: z.strictObject({
    ...range,
    step: parameters.step.meta({
      description: `Seconds: a multiple of 60. The shortest of 60, 300, 900 and 3600 with at most ${MAX_ACTIVITY_POINTS} steps when absent`,
    }),
  }),
  answers: { 200: { description: 'The steps that have events', schema: answers.Activity } },
})

export const readMonitorAssistants = operation({
  method: 'GET',
  path: '/v1/monitor/assistants',
  scope: 'events:read',
  summary: 'Count what assistants were asked, and how long they took',
  description: 'By assistant name. A run that ended in the range counts with its whole duration, even when it began before.',
  params: none,
  query: z.strictObject(range),
  answers: { 200: { description: 'The assistants', schema: answers.AssistantsActivity } },
})

export const readMonitorUnfinished = operation({
  method: 'GET',
  path: '/v1/monitor/unfinished',
  scope: 'events:read',
  summary: 'List assistant requests that have not ended',
  description: 'Those begun in the range that have more invokes than ends of a family of components. The last begun first.',
  params: none,
  query: z.strictObject({ ...range, after: parameters.unfinishedCursor, limit: parameters.limit }),
  answers: { 200: { description: 'A page of assistant requests', schema: answers.UnfinishedPage } },
  streams: true,
})
