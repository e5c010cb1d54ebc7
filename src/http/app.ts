import { Hono } from 'hono'
import type { ConfigurationResult } from '../env.ts'
import type { Log } from '../model/log.ts'
import { type Failure, RequestFailure } from '../protocol/failure.ts'
import { openApiDocument } from '../protocol/openapi.ts'
import * as operations from '../protocol/operations.ts'
import { decodeSession, EMPTY_SESSION, encodeSession, SESSION_HEADER, type Session } from '../protocol/session.ts'
import { authenticate, mayServeOpenly } from '../security/authenticate.ts'
import type { AppDeps, Route, RouteContext } from './context.ts'
import { logRequests } from './middleware/log-requests.ts'
import { failureOf, problemResponse } from './problem-response.ts'
import { clearEvents } from './routes/clear-events.ts'
import { listConversations } from './routes/list-conversations.ts'
import { publishEvents } from './routes/publish-events.ts'
import { readAssistantRequestEvents } from './routes/read-assistant-request-events.ts'
import { readAssistantRequestSummary } from './routes/read-assistant-request-summary.ts'
import { readConversation } from './routes/read-conversation.ts'
import { readConversationEvents } from './routes/read-conversation-events.ts'
import { readConversationGraph } from './routes/read-conversation-graph.ts'
import { readEvent } from './routes/read-event.ts'
import { readFeed } from './routes/read-feed.ts'
import { readQuarantine } from './routes/read-quarantine.ts'
import { readTopicEvents } from './routes/read-topic-events.ts'
import { recordEvents } from './routes/record-events.ts'
import { validate } from './validate.ts'

export interface AppEnv {
  Bindings: { readonly ASSETS: Fetcher }
  Variables: { requestId: string; operation?: string; session?: () => Session }
}

export interface AppOptions {
  readonly version: string
  readonly log: Log
  /** What is wrong with the settings, or what to work with. */
  readonly open: () => { readonly configuration: ConfigurationResult; readonly deps: AppDeps | null }
}

/** The HTTP API: each operation of the protocol with its route. */
export function createApp({ version, log, open }: AppOptions): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  let probe: { readonly at: number; readonly ready: Promise<void> } | undefined
  let document: ReturnType<typeof openApiDocument> | undefined
  app.use(logRequests(log))

  app.get('/healthz', (c) => c.json({ status: 'ok' }))
  app.get('/readyz', async (c) => {
    const deps = requireDeps(open())
    if (!probe || probe.at + PROBE_MS <= deps.now()) probe = { at: deps.now(), ready: deps.history.ready() }
    await probe.ready
    return c.json({ status: 'ready', history: deps.configuration.databaseUrl === null ? 'in-memory' : 'postgres' })
  })
  app.get('/openapi.json', (c) => {
    document ??= openApiDocument(version)
    return c.json(document)
  })
  app.get('/docs', (c) => page(c.env, c.req.raw))
  app.get('/docs/*', (c) => page(c.env, c.req.raw))

  mount(operations.recordEvents, recordEvents)
  mount(operations.publishEvents, publishEvents)
  mount(operations.readFeed, readFeed)
  mount(operations.clearEvents, clearEvents)
  mount(operations.readEvent, readEvent)
  mount(operations.listConversations, listConversations)
  mount(operations.readConversation, readConversation)
  mount(operations.readConversationEvents, readConversationEvents)
  mount(operations.readConversationGraph, readConversationGraph)
  mount(operations.readAssistantRequestEvents, readAssistantRequestEvents)
  mount(operations.readAssistantRequestSummary, readAssistantRequestSummary)
  mount(operations.readTopicEvents, readTopicEvents)
  mount(operations.readQuarantine, readQuarantine)

  app.notFound((c) => {
    const allow = methodsAt(c.req.path)
    const detail = 'There is nothing at this path. See /docs for what there is.'
    return problemResponse(
      allow.length > 0 ? { kind: 'method-not-allowed', allow } : { kind: 'not-found', detail },
      c.get('requestId'),
    )
  })

  app.onError((thrown, c) => {
    const failure = failureOf(thrown)
    if (failure.kind === 'internal' || failure.kind.endsWith('unavailable')) {
      log(failure.kind === 'internal' ? 'error' : 'warn', 'request failed', {
        request_id: c.get('requestId'),
        operation: c.get('operation'),
        kind: failure.kind,
        error: describeError(thrown),
      })
    }
    const session = c.get('session')
    const problem = problemResponse(failure, c.get('requestId'))
    return session ? withSession(problem, c.req.header(SESSION_HEADER) ?? null, session()) : problem
  })

  function mount<O extends operations.Operation>(operation: O, route: Route<O>): void {
    app.on(operation.method, operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      c.set('operation', `${operation.method} ${operation.path}`)
      const deps = requireDeps(open())
      const request = c.req.raw
      if (deps.configuration.apiKey === null && !mayServeOpenly(request)) throw new RequestFailure(OPEN_BUT_NOT_LOCAL)
      const authentication = await authenticate(request, deps.configuration)
      if (!authentication.ok) throw new RequestFailure({ kind: 'unauthenticated', detail: authentication.detail })
      const { params, query } = validate(operation, c.req.param() as Record<string, string>, new URL(request.url))
      const sent = request.headers.get(SESSION_HEADER)
      const context: RouteContext<O> = {
        deps,
        request,
        tenant: authentication.tenant,
        params,
        query,
        // A session that cannot be read says nothing: its reader may see its last writes a second later.
        session: (sent === null ? null : decodeSession(sent)) ?? EMPTY_SESSION,
        waitUntil: (work) => c.executionCtx.waitUntil(work),
      }
      c.set('session', () => context.session)
      return withSession(await route(context), sent, context.session)
    })
  }

  return app
}

/** Tells the client what it has to send next time, where it has something to tell or to take back. */
function withSession(response: Response, sent: string | null, session: Session): Response {
  const { value } = encodeSession(session)
  if (value !== null || sent !== null) response.headers.set(SESSION_HEADER, value ?? '')
  return response
}

/** Anyone may ask whether the service is ready: the database is asked once for all who do within this time. */
const PROBE_MS = 1_000

/** A copy, since the headers of what a binding answers cannot be added to. */
async function page({ ASSETS }: AppEnv['Bindings'], request: Request): Promise<Response> {
  const asset = await ASSETS.fetch(request)
  return new Response(asset.body, asset)
}

function requireDeps({ configuration, deps }: ReturnType<AppOptions['open']>): AppDeps {
  if (!configuration.ok) throw new RequestFailure({ kind: 'not-configured', problems: configuration.problems })
  if (!deps) throw new Error('a valid configuration gave no dependencies')
  return deps
}

const OPEN_BUT_NOT_LOCAL: Failure = {
  kind: 'not-configured',
  problems: ['Without API_KEY the service answers on loopback only. Set API_KEY, or ENVIRONMENT=production for a deployment.'],
}

const PATTERNS = (Object.values(operations) as operations.Operation[]).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`),
}))

function methodsAt(path: string): string[] {
  return PATTERNS.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method)
}

/** Message and causes, without stacks; errors of the store hold neither event data nor secrets. */
function describeError(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown)
  return thrown.cause === undefined
    ? `${thrown.name}: ${thrown.message}`
    : `${thrown.name}: ${thrown.message} <- ${describeError(thrown.cause)}`
}
