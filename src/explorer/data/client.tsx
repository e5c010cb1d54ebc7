import { QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { createContext, type ReactNode, useContext, useMemo } from 'react'
import { HttpEventStore } from '../../client/index.ts'
import { EventMonitor } from '../../client/monitor/index.ts'
import { ConversationLogs } from './conversation-log.ts'
import { failureOf } from './failure.ts'
import { type ReadEvent, VerbatimCodec } from './verbatim-codec.ts'

export interface EventStoreClient {
  readonly store: HttpEventStore<ReadEvent>
  readonly monitor: EventMonitor
  readonly logs: ConversationLogs
  /** To be called when the service answers 401. */
  readonly onSignedOut: () => void
}

const ClientContext = createContext<EventStoreClient | null>(null)

/** The service, as who is signed in may read it. */
export function useClient(): EventStoreClient {
  const client = useContext(ClientContext)
  if (!client) throw new Error('there is no client here')
  return client
}

/** Someone waits and has a button to try again: give up after some seconds. */
const RETRY = { attempts: 3, budgetMs: 5_000 }

/** What a view shows may be so old, in milliseconds, before coming back to it asks again. */
const STALE_MS = 10_000

export interface ClientProviderProps {
  readonly apiKey: string | null
  readonly onSignedOut: () => void
  readonly children: ReactNode
}

/** Give it a key of its own for each credential: nothing read with one must be seen with another. */
export function ClientProvider({ apiKey, onSignedOut, children }: ClientProviderProps) {
  const { client, queries } = useMemo(() => makeClient(apiKey, onSignedOut), [apiKey, onSignedOut])
  return (
    <QueryClientProvider client={queries}>
      <ClientContext value={client}>{children}</ClientContext>
    </QueryClientProvider>
  )
}

function makeClient(apiKey: string | null, onSignedOut: () => void) {
  const connection = { url: location.origin, apiKey: apiKey ?? undefined, retry: RETRY }
  const client: EventStoreClient = {
    store: new HttpEventStore({ ...connection, codec: new VerbatimCodec() }),
    monitor: new EventMonitor(connection),
    get logs() {
      return logs
    },
    onSignedOut,
  }
  const logs = new ConversationLogs(client)
  const queryCache = new QueryCache({
    onError: (error) => {
      if (failureOf(error).kind === 'signed-out') onSignedOut()
    },
  })
  // The client repeats what may be repeated.
  const queries = new QueryClient({
    queryCache,
    defaultOptions: { queries: { retry: false, staleTime: STALE_MS, networkMode: 'always' } },
  })
  return { client, queries }
}
