/*
 * Bodies as they arrive. Version 2 of the SDK hands its text to the sidecar as it is (Python's `json.dumps`: a space after
 * commas and colons, ASCII only). Version 3 hands over JSON that the sidecar, written in Go, writes anew: members sorted, no
 * white space, `<`, `>` and `&` escaped.
 */

export interface Run {
  readonly run: string
  readonly attempt?: number
  readonly created?: number
}

/** `workflow_start`, published by an activity that is retried: defaults and nulls of the model are sent too. */
export function workflowStartOfVersion2({ run, attempt = 1, created = 1756377611 }: Run): string {
  return `{"metadata": {"application_name": "crawler", "created_timestamp": ${created}, "workflow_type": "MetadataExtraction", "workflow_id": "wf-\\u00e9", "workflow_run_id": "${run}", "workflow_state": "running", "activity_type": "publish_event", "activity_id": "1", "attempt": ${attempt}, "topic_name": "application_events"}, "event_type": "application_events", "event_name": "workflow_start", "data": {}}`
}

export function workflowEndOfVersion3({ run, attempt = 1, created = 1756377711 }: Run): string {
  return `{"data":{"duration_ms":100250.125,"note":"a \\u003c b \\u0026 c"},"event_name":"workflow_end","event_type":"application_events","metadata":{"activity_id":"7","activity_type":"publish_event","application_name":"crawler","attempt":${attempt},"created_timestamp":${created},"release_id":"","sdk_version":"3.28.0","topic_name":"application_events","workflow_id":"wf-é","workflow_run_id":"${run}","workflow_state":"completed","workflow_type":"MetadataExtraction"}}`
}

/** Published by the activity's own worker, so that every attempt has a start of its own. */
export function activityStartOfVersion3({ run, attempt = 1, created = 1756377612 }: Run): string {
  return `{"data":{},"event_name":"activity_start","event_type":"application_events","metadata":{"activity_id":"3","activity_type":"fetch_tables","application_name":"crawler","attempt":${attempt},"created_timestamp":${created},"release_id":"","sdk_version":"3.28.0","topic_name":"application_events","workflow_id":"wf-é","workflow_run_id":"${run}","workflow_state":"running","workflow_type":"MetadataExtraction"}}`
}

/** Outside any workflow, where the model's defaults are all that it knows. */
export function workerStartOfVersion2(topic: string): string {
  return `{"metadata": {"application_name": "crawler", "created_timestamp": 1756377600, "workflow_type": null, "workflow_id": null, "workflow_run_id": null, "workflow_state": "unknown", "activity_type": null, "activity_id": null, "attempt": null, "topic_name": "${topic}"}, "event_type": "${topic}", "event_name": "worker_start", "data": {"version": "v1", "workflow_count": 1, "use_worker_versioning": false}}`
}
