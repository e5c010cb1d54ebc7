import { randomUUID } from 'node:crypto'

/**
 * The lines that the start command ends with: where the store is, two commands that record an event and read it back, one for a key,
 * and one that has the settings in `envFile`.
 */
export function tryIt(address: string, now: Date, envFile: string): string {
  const conversation = `conversation-${randomUUID().slice(0, 8)}`
  const request = `request-${randomUUID().slice(0, 8)}`
  const event = {
    event_id: randomUUID().replaceAll('-', ''),
    event_version: '1.0',
    assistant_request_id: request,
    event_type: 'ToolInvoke',
    timestamp: now.toISOString().replace('Z', '+00:00'),
    event_context: {
      id: 'tool-1',
      name: 'SearchTool',
      type: 'SearchTool',
      invoke_context: {
        conversation_id: conversation,
        invoke_id: randomUUID().replaceAll('-', ''),
        assistant_request_id: request,
        user_id: '',
        kwargs: {},
      },
    },
    data: { input_data: [] },
  }
  return [
    `The event store is ready at ${address} (Ctrl-C stops it). Record an event, and read it back:`,
    `  curl ${address}/v1/events -H 'Content-Type: application/json' -d '${JSON.stringify(event)}'`,
    `  curl ${address}/v1/conversations/${conversation}/events`,
    `On this machine no key is needed, and the tenant is "default". For clients that send one, make it:`,
    `  curl ${address}/v1/keys -H 'Content-Type: application/json' -d '{"scopes":["events:write","events:read","events:publish"]}'`,
    `Commands that need the database find it, while this runs, with the settings in ${envFile}:`,
    `  (set -a; . '${envFile}'; npm run keys -- list --tenant default)`,
  ].join('\n')
}
