const WORKFLOW = 'workflow:'

/** What a log of application events is of. */
export type LogName =
  | { readonly kind: 'run'; readonly run: string }
  /** One of the logs of a topic's events that belong to no workflow. */
  | { readonly kind: 'topic'; readonly topic: string; readonly log: string }

/** Null for a conversation that is no such log. */
export function logName(conversationId: string): LogName | null {
  if (conversationId.startsWith(WORKFLOW)) return { kind: 'run', run: conversationId.slice(WORKFLOW.length) }
  const [, topic, log] = /^topic:(.*):(\d\d)$/s.exec(conversationId) ?? []
  return topic === undefined || log === undefined ? null : { kind: 'topic', topic, log }
}

/** The log that an address names: by its whole id, or by that of a run alone. */
export function logIdOf(id: string): string {
  return logName(id) ? id : `${WORKFLOW}${id}`
}
