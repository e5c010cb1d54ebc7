/** The request that records a first event, for a shell. `now`: Unix milliseconds. */
export function firstEventCommand(url: string, needsKey: boolean, now: number): string {
  const key = needsKey ? `  -H "Authorization: Bearer $EVENT_STORE_API_KEY" \\\n` : ''
  return `curl ${url}/v1/events \\
${key}  -H 'Content-Type: application/json' \\
  -d '{
  "event_id": "event-${now}",
  "event_type": "ToolInvoke",
  "assistant_request_id": "request-1",
  "timestamp": "${new Date(now).toISOString()}",
  "event_context": {
    "name": "SearchTool",
    "invoke_context": {"conversation_id": "conversation-1", "assistant_request_id": "request-1"}
  },
  "data": {"input_data": [{"role": "user", "content": "hello"}]}
}'`
}
