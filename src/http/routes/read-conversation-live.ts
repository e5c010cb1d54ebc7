import { MAX_LIVE_READERS } from '../../model/limits.ts'
import { type Cap, RequestFailure } from '../../protocol/failure.ts'
import type { readConversationLive as operation } from '../../protocol/operations.ts'
import { lastSeqHeaders } from '../../protocol/parameters.ts'
import type { Route } from '../context.ts'
import { conversationPages } from '../conversation-pages.ts'
import { answerLive } from '../live/answer-live.ts'
import { ConversationReader } from '../live/conversation-reader.ts'
import { followConversation, PAGE_BYTES } from '../live/follow-conversation.ts'
import { validateHeaders } from '../validate.ts'

const READERS_CAP: Cap = { limit: MAX_LIVE_READERS, counts: 'live readers of this conversation' }

export const readConversationLive: Route<typeof operation> = async (context) => {
  const { deps, tenant, params, query, request, audit } = context
  const after = validateHeaders(lastSeqHeaders, request)['Last-Event-ID'] ?? query.after ?? 0
  if (request.method === 'HEAD') return answerLive(context, async () => {})
  const open = () => deps.conversations(tenant, params.id).listen()
  // Before the answer, so that what fails at once is answered as a problem.
  const socket = await open()
  if (!socket) throw new RequestFailure({ kind: 'rate-limited', cap: READERS_CAP })
  const reader = new ConversationReader(after)
  const count = (events: number) => {
    audit.count = (audit.count ?? 0) + events
  }
  const pages = conversationPages(context, params.id, {}, PAGE_BYTES)
  return answerLive(context, (stream) =>
    followConversation(stream, reader, socket, { pages, open, count, wait: deps.wait, now: deps.now, every }),
  )
}

function every(ms: number, run: () => void): () => void {
  const timer = setInterval(run, ms)
  return () => clearInterval(timer)
}
