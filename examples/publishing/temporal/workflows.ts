import { proxyActivities } from '@temporalio/workflow'
import { publishFromWorkflow } from 'edge-event-store/temporal/workflow'

const { processData } = proxyActivities<{ processData(args: { source: string }): Promise<{ count: number }> }>({
  startToCloseTimeout: '10 minutes',
})

/** Workflow code publishes through an activity, so that it stays the same in every replay. */
export async function importSource(source: string): Promise<number> {
  const { count } = await processData({ source })
  await publishFromWorkflow({ event_type: 'source.imported', event_name: 'SourceImported', data: { source, count } })
  return count
}
