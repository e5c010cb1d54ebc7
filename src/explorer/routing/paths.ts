/** The views' paths, as the Worker serves the page and as the router finds the view. */
export const PATHS = {
  overview: '/',
  conversations: '/conversations',
  conversation: '/conversations/:id',
  search: '/search',
  unfinished: '/unfinished',
  runs: '/runs',
  run: '/runs/:id',
} as const

export const CONVERSATION_VIEWS = ['timeline', 'messages', 'graph', 'raw'] as const
export type ConversationView = (typeof CONVERSATION_VIEWS)[number]

export interface ConversationPlace {
  readonly view?: ConversationView | undefined
  /** The event to show. */
  readonly seq?: number | undefined
  readonly live?: boolean | undefined
}

export function conversationPath(id: string, { view, seq, live }: ConversationPlace = {}): string {
  const query = new URLSearchParams()
  if (view !== undefined) query.set('view', view)
  if (seq !== undefined) query.set('seq', String(seq))
  if (live) query.set('live', '1')
  return withQuery(`/conversations/${encodeURIComponent(id)}`, query)
}

export function runPath(id: string): string {
  return `/runs/${encodeURIComponent(id)}`
}

export function searchPath(text: string): string {
  return withQuery(PATHS.search, new URLSearchParams(text === '' ? {} : { q: text }))
}

/** A path with its query; without `?` when that is empty. */
export function withQuery(path: string, query: URLSearchParams): string {
  const text = query.toString()
  return text === '' ? path : `${path}?${text}`
}
