import type { EventPublisher } from 'edge-event-store/client'

export interface Stage {
  readonly name: string
  readonly status: string
}

/** Publishes an event for every stage of a pipeline, all in one request. */
export async function publishPipelineEvents(
  publisher: EventPublisher,
  pipeline_id: string,
  stages: readonly Stage[],
): Promise<void> {
  await publisher.publishEvents(stages.map((stage) => stageEvent(pipeline_id, stage)))
}

/** The same with a request for each, at the same time. */
export async function publishPipelineEventsApart(
  publisher: EventPublisher,
  pipeline_id: string,
  stages: readonly Stage[],
): Promise<void> {
  await Promise.all(stages.map((stage) => publisher.publishEvent(stageEvent(pipeline_id, stage))))
}

function stageEvent(pipeline_id: string, { name, status }: Stage) {
  return {
    event_type: `pipeline.stage.${name}`,
    event_name: `Stage${name.charAt(0).toUpperCase()}${name.slice(1)}`,
    data: { pipeline_id, stage: name, status },
  }
}
