/** Conversations of agents, and logs of application events. */
export const CONVERSATION_KINDS = ['agent', 'application'] as const
export type ConversationKind = (typeof CONVERSATION_KINDS)[number]

/** By its id, which says of a log what it is of. The index of conversations holds the same rule. */
export function conversationKind(conversationId: string): ConversationKind {
  return /^(workflow|topic):/.test(conversationId) ? 'application' : 'agent'
}
