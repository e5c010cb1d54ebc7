import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from 'react'
import type { Failure } from '../data/failure.ts'
import { storeApiKey, storedApiKey } from './api-key.ts'
import { probe } from './probe.ts'

/** Where the visitor stands with the service. */
export type SessionState =
  | { readonly kind: 'asking' }
  /** `apiKey` is null where none is needed. */
  | { readonly kind: 'open'; readonly apiKey: string | null }
  /** `refused`: the key that was given does not hold. */
  | { readonly kind: 'signed-out'; readonly refused: boolean }
  | { readonly kind: 'failed'; readonly failure: Failure; readonly apiKey: string | null }

export interface Session {
  readonly state: SessionState
  /** Tries a key; keeps it for this tab when it holds. */
  readonly signIn: (apiKey: string) => void
  readonly signOut: () => void
  readonly retry: () => void
  /** For a request that was answered 401: the key has expired or was revoked. */
  readonly lost: () => void
}

const SessionContext = createContext<Session | null>(null)

export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('there is no session here')
  return session
}

interface Attempt {
  readonly apiKey: string | null
}

/** Asks the service without a key first, since on a developer's own machine none is needed. */
export function SessionProvider({ children }: { readonly children: ReactNode }) {
  const [attempt, setAttempt] = useState<Attempt | null>(() => ({ apiKey: storedApiKey() }))
  const [state, setState] = useState<SessionState>({ kind: 'asking' })

  useEffect(() => {
    if (attempt === null) return
    const controller = new AbortController()
    const { apiKey } = attempt
    probe(apiKey, controller.signal).then(
      (failure) => setState(stateAfter(apiKey, failure)),
      () => undefined,
    )
    return () => controller.abort()
  }, [attempt])

  const signIn = useCallback((apiKey: string) => {
    setState({ kind: 'asking' })
    setAttempt({ apiKey })
  }, [])
  const signOut = useCallback(() => {
    storeApiKey(null)
    setAttempt(null)
    setState({ kind: 'signed-out', refused: false })
  }, [])
  const lost = useCallback(() => {
    const refused = storedApiKey() !== null
    storeApiKey(null)
    setAttempt(null)
    setState({ kind: 'signed-out', refused })
  }, [])
  const retry = useCallback(() => {
    setState({ kind: 'asking' })
    setAttempt((last) => ({ apiKey: last?.apiKey ?? null }))
  }, [])

  const session = useMemo(() => ({ state, signIn, signOut, retry, lost }), [state, signIn, signOut, retry, lost])
  return <SessionContext value={session}>{children}</SessionContext>
}

function stateAfter(apiKey: string | null, failure: Failure | null): SessionState {
  if (failure === null) {
    storeApiKey(apiKey)
    return { kind: 'open', apiKey }
  }
  if (failure.kind !== 'signed-out') return { kind: 'failed', failure, apiKey }
  storeApiKey(null)
  return { kind: 'signed-out', refused: apiKey !== null }
}
