let number = 0

/** An event of Graphite's as JSON text, with whatever `extra` JSON members its data is to hold. */
export function eventText(options: {
  conversation: string
  id?: string
  request?: string
  timestamp?: string
  data?: string
  topic?: { name: string; offset: number }
  user?: string
}): string {
  number += 1
  const { conversation, id = `event-${number}`, request = 'request', timestamp = '2025-08-28T10:40:11.078102+00:00' } = options
  const invoke = `{"conversation_id": ${JSON.stringify(conversation)}, "invoke_id": "i", "assistant_request_id": ${JSON.stringify(request)}, "user_id": ${JSON.stringify(options.user ?? '')}, "kwargs": {}}`
  const envelope = `"event_id": ${JSON.stringify(id)}, "event_version": "1.0", "assistant_request_id": ${JSON.stringify(request)}, "timestamp": "${timestamp}"`
  if (options.topic) {
    const { name, offset } = options.topic
    const context = `{"consumed_event_ids": [], "publisher_name": "p", "publisher_type": "t", "name": ${JSON.stringify(name)}, "type": "Topic", "offset": ${offset}, "invoke_context": ${invoke}}`
    return `{"event_context": ${context}, ${envelope}, "event_type": "PublishToTopic", "data": ${JSON.stringify(options.data ?? '[]')}}`
  }
  const context = `{"id": "c", "name": "Tool", "type": "LLMTool", "invoke_context": ${invoke}}`
  return `{${envelope}, "event_type": "ToolInvoke", "event_context": ${context}, "data": {"input_data": [${options.data ?? ''}]}}`
}

/** The same event padded to a given size in bytes. */
export function eventOfSize(bytes: number, options: Parameters<typeof eventText>[0], filler = 'x'): string {
  const empty = eventText({ ...options, data: '{"content": ""}' })
  const room = bytes - Buffer.byteLength(empty)
  return empty.replace('"content": ""', `"content": "${filler.repeat(Math.floor(room / filler.length))}"`)
}
