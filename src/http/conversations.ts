import type { ConversationObject } from '../conversation/conversation-object.ts'
import {
  type AppendAnswer,
  type AppendRequest,
  type Confirmation,
  type ConversationStat,
  conversationObjectName,
  type HandedOut,
  type Notice,
  type PendingHandout,
  READ_ANSWER_HEADER,
  type ReadAnswer,
  type ReadRequest,
} from '../conversation/rpc.ts'
import type { StoredTicket } from '../model/tickets.ts'
import { RequestFailure } from '../protocol/failure.ts'

/** A conversation's object, as the Worker calls it. */
export interface ConversationStub {
  append(request: AppendRequest): Promise<AppendAnswer>
  read(request: ReadRequest): Promise<ReadAnswer>
  stat(): Promise<ConversationStat | null>
  pending(limitBytes: number, confirmation?: Confirmation, handed?: HandedOut): Promise<PendingHandout | null>
  clear(marker: number): Promise<void>
  /** A socket on which the object speaks, not accepted yet; null when the conversation has as many live readers as it may. */
  listen(): Promise<WebSocket | null>
  addTicket(hash: string, ticket: StoredTicket): Promise<boolean>
  findTicket(hash: string): Promise<StoredTicket | null>
}

export type Conversations = (tenant: string, conversationId: string) => ConversationStub

/** Tries of one call: an object moves or restarts within a moment, and every call may be repeated. */
const TRIES = 3
const FIRST_PAUSE_MS = 50

/** Reaches objects by name. A stub breaks when its object does, so each try takes a new one. */
export function conversationsOf(
  namespace: DurableObjectNamespace<ConversationObject>,
  wait: (ms: number) => Promise<void>,
  notice: (notice: Notice) => void,
): Conversations {
  return (tenant, conversationId) => {
    const name = conversationObjectName(tenant, conversationId)
    const call = async <T>(operation: (stub: DurableObjectStub<ConversationObject>) => Promise<T>): Promise<T> => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await operation(namespace.getByName(name))
        } catch (cause) {
          if (attempt === TRIES || !isRetryable(cause)) throw unavailable(cause)
          await wait(FIRST_PAUSE_MS * 2 ** (attempt - 1) * (1 + Math.random()))
        }
      }
    }
    // The types of RPC stubs wrap every answer; what arrives are plain values.
    return {
      async append(request) {
        let tries = 0
        const answer = await call((stub) => {
          tries += 1
          return stub.append(request) as Promise<AppendAnswer>
        })
        // What an earlier try recorded asked for its notice with an answer that was lost.
        const isAsked = answer.outcome === 'recorded' && (answer.notice || tries > 1)
        if (isAsked) notice({ tenant, conversation_id: conversationId })
        return answer
      },
      read: (request) => call((stub) => readBy(stub, request)),
      stat: () => call((stub) => stub.stat() as Promise<ConversationStat | null>),
      pending: (limitBytes, confirmation, handed) =>
        call((stub) => stub.pending(limitBytes, confirmation, handed) as unknown as Promise<PendingHandout | null>),
      clear: (marker) => call((stub) => stub.clear(marker) as Promise<void>),
      listen: () => call(listenTo),
      addTicket: (hash, ticket) => call((stub) => stub.addTicket(hash, ticket) as Promise<boolean>),
      findTicket: (hash) => call((stub) => stub.findTicket(hash) as Promise<StoredTicket | null>),
    }
  }
}

/** The address is of no matter: the object answers reads and takes in live readers. */
const ADDRESS = 'https://conversation.invalid/'

async function listenTo(stub: DurableObjectStub<ConversationObject>): Promise<WebSocket | null> {
  const { status, webSocket } = await stub.fetch(ADDRESS, { headers: { Upgrade: 'websocket' } })
  if (status === 429) return null
  if (!webSocket) throw new Error('the object took in no reader')
  webSocket.binaryType = 'arraybuffer'
  return webSocket
}

async function readBy(stub: DurableObjectStub<ConversationObject>, request: ReadRequest): Promise<ReadAnswer> {
  const response = await stub.fetch(ADDRESS, { method: 'POST', body: JSON.stringify(request) })
  const answer = JSON.parse(response.headers.get(READ_ANSWER_HEADER) ?? '') as ReadAnswer
  return answer.outcome === 'page' ? { ...answer, body: response.status === 204 ? null : response.body } : answer
}

/** An overloaded object would only be loaded more. */
function isRetryable(cause: unknown): boolean {
  if (!(cause instanceof Error)) return false
  const { retryable, overloaded } = cause as { retryable?: boolean; overloaded?: boolean }
  return retryable === true && overloaded !== true
}

function unavailable(cause: unknown): RequestFailure {
  const failure = new RequestFailure({
    kind: 'recording-unavailable',
    detail: 'The conversation cannot be reached at the moment. Part of the request may be done; repeating it as it is is safe.',
  })
  failure.cause = cause
  return failure
}
