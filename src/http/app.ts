import { Hono } from 'hono'
import type { ConfigurationResult } from '../env.ts'
import { describeError } from '../model/describe-error.ts'
import { EventPersistenceError } from '../model/errors.ts'
import type { Log } from '../model/log.ts'
import { RequestFailure } from '../protocol/failure.ts'
import { openApiDocument } from '../protocol/openapi.ts'
import * as operations from '../protocol/operations.ts'
import { decodeSession, EMPTY_SESSION, encodeSession, SESSION_HEADER, type Session } from '../protocol/session.ts'
import { authorize } from '../security/authorize.ts'
import { isLocal } from '../security/loopback.ts'
import { credentialOf, rechecking } from './authenticate.ts'
import type { AppDeps, Route, RouteContext } from './context.ts'
import { HeldTickets } from './held-tickets.ts'
import { type AuditedCall, auditRequests } from './middleware/audit-requests.ts'
import { cors } from './middleware/cors.ts'
import { finishChanges } from './middleware/finish-changes.ts'
import { logRequests } from './middleware/log-requests.ts'
import { refuseUrlCredentials } from './middleware/refuse-url-credentials.ts'
import { securityHeaders } from './middleware/security-headers.ts'
import { failureOf, problemResponse } from './problem-response.ts'
import { clearConversation } from './routes/clear-conversation.ts'
import { clearEvents } from './routes/clear-events.ts'
import { createKey } from './routes/create-key.ts'
import { createTicket } from './routes/create-ticket.ts'
import { listConversations } from './routes/list-conversations.ts'
import { listKeys } from './routes/list-keys.ts'
import { publishEvents } from './routes/publish-events.ts'
import { readAssistantRequestEvents } from './routes/read-assistant-request-events.ts'
import { readAssistantRequestSummary } from './routes/read-assistant-request-summary.ts'
import { readAudit } from './routes/read-audit.ts'
import { readConversation } from './routes/read-conversation.ts'
import { readConversationEvents } from './routes/read-conversation-events.ts'
import { readConversationGraph } from './routes/read-conversation-graph.ts'
import { readConversationLive } from './routes/read-conversation-live.ts'
import { readEvent } from './routes/read-event.ts'
import { readFeed } from './routes/read-feed.ts'
import { readFeedLive } from './routes/read-feed-live.ts'
import { readMonitorActivity } from './routes/read-monitor-activity.ts'
import { readMonitorAssistants } from './routes/read-monitor-assistants.ts'
import { readMonitorUnfinished } from './routes/read-monitor-unfinished.ts'
import { readQuarantine } from './routes/read-quarantine.ts'
import { readTopicEvents } from './routes/read-topic-events.ts'
import { recordEvents } from './routes/record-events.ts'
import { revokeKey } from './routes/revoke-key.ts'
import { validate } from './validate.ts'

export interface AppEnv {
  Bindings: { readonly ASSETS: Fetcher }
  Variables: { requestId: string; operation?: string; session?: () => Session; audited?: AuditedCall }
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
  const heldTickets = new HeldTickets()
  let probe: { readonly at: number; readonly ready: Promise<unknown> } | undefined
  let document: ReturnType<typeof openApiDocument> | undefined
  app.use(finishChanges)
  app.use(logRequests(log))
  app.use(auditRequests(open))
  app.use(securityHeaders(isLocal))
  app.use(cors(() => allowedOrigins(open())))
  app.use(refuseUrlCredentials)

  app.get('/healthz', (c) => {
    c.set('operation', 'GET /healthz')
    return c.json({ status: 'ok' })
  })
  app.get('/readyz', async (c) => {
    c.set('operation', 'GET /readyz')
    const deps = requireDeps(open())
    if (!probe || probe.at + PROBE_MS <= deps.now()) {
      probe = { at: deps.now(), ready: deps.history.ready().then(requireCredentials) }
      // Others wait for it when the client of the request that began it has left.
      c.executionCtx.waitUntil(probe.ready.catch(() => undefined))
    }
    const late = deps.wait(PATIENCE_MS).then((): never => {
      throw new EventPersistenceError('The probe took too long.', { operation: 'ready', transient: true })
    })
    await Promise.race([probe.ready, late])
    return c.json({ status: 'ready', history: deps.configuration.databaseUrl === null ? 'in-memory' : 'postgres' })
  })
  app.get('/openapi.json', async (c) => {
    await requireCredentials()
    document ??= openApiDocument(version)
    return c.json(document)
  })
  for (const path of ['/docs', '/docs/*']) {
    app.get(path, async (c) => {
      await requireCredentials()
      return page(c.env, c.req.raw)
    })
  }
  for (const path of EXPLORER_PATHS) {
    app.get(path, async (c) => {
      await requireCredentials()
      return page(c.env, new Request(new URL('/', c.req.url), c.req.raw))
    })
  }
  app.get('/assets/:file', async (c) => {
    await requireCredentials()
    const asset = await page(c.env, c.req.raw)
    if (asset.status === 404) return c.notFound()
    // Their names tell their content.
    asset.headers.set('Cache-Control', 'public, max-age=31536000, immutable')
    return asset
  })

  mount(operations.recordEvents, recordEvents)
  mount(operations.publishEvents, publishEvents)
  mount(operations.readFeed, readFeed)
  mount(operations.clearEvents, clearEvents)
  // An event may have the id `live`.
  mount(operations.readFeedLive, readFeedLive, (request) => !wantsOnlyJson(request))
  mount(operations.readEvent, readEvent)
  mount(operations.listConversations, listConversations)
  mount(operations.readConversation, readConversation)
  mount(operations.clearConversation, clearConversation)
  mount(operations.readConversationEvents, readConversationEvents)
  mount(operations.readConversationGraph, readConversationGraph)
  mount(operations.readConversationLive, readConversationLive)
  mount(operations.createTicket, createTicket)
  mount(operations.readAssistantRequestEvents, readAssistantRequestEvents)
  mount(operations.readAssistantRequestSummary, readAssistantRequestSummary)
  mount(operations.readTopicEvents, readTopicEvents)
  mount(operations.readMonitorActivity, readMonitorActivity)
  mount(operations.readMonitorAssistants, readMonitorAssistants)
  mount(operations.readMonitorUnfinished, readMonitorUnfinished)
  mount(operations.readQuarantine, readQuarantine)
  mount(operations.createKey, createKey)
  mount(operations.listKeys, listKeys)
  mount(operations.revokeKey, revokeKey)
  mount(operations.readAudit, readAudit)

  const patterns = app.routes.map(({ method, path }) => ({ method, pattern: patternOf(path) }))
  app.notFound(async (c) => {
    const { method, path } = c.req
    const taken = patterns.filter((route) => route.method !== 'ALL' && route.pattern.test(path)).map((route) => route.method)
    const methods = new Set(taken.flatMap((one) => (one === 'GET' ? [one, 'HEAD'] : one)))
    // A file that is missing has a route that takes the method.
    const allow = methods.has(method) ? [] : [...methods]
    if (allow.length === 0 && open().configuration.ok && isVisit(c.req.raw)) {
      const shown = await page(c.env, new Request(new URL('/', c.req.url), c.req.raw))
      return new Response(shown.body, { status: 404, headers: shown.headers })
    }
    const detail = 'There is nothing at this path. See /docs for what there is.'
    return problemResponse(
      allow.length > 0 ? { kind: 'method-not-allowed', allow } : { kind: 'not-found', detail },
      c.get('requestId'),
    )
  })

  app.onError((thrown, c) => {
    const failure = failureOf(thrown)
    if (failure.kind === 'internal' || failure.kind.endsWith('unavailable') || thrown instanceof EventPersistenceError) {
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

  function mount<O extends operations.Operation>(
    operation: O,
    route: Route<O>,
    takes: (request: Request) => boolean = () => true,
  ): void {
    app.on(operation.method, operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c, next) => {
      if (!takes(c.req.raw)) return next()
      c.set('operation', `${operation.method} ${operation.path}`)
      const audited: AuditedCall = { operation, principal: null, formerly: null, notes: { count: null, resource: {} } }
      c.set('audited', audited)
      const deps = requireDeps(open())
      const request = c.req.raw
      const waitUntil = (work: Promise<unknown>) => c.executionCtx.waitUntil(work)
      const countAttempt = () => deps.limits.credential(request)
      const sentParams = c.req.param() as Record<string, string>
      const credential = credentialOf(operation, request, sentParams, deps, heldTickets)
      const authentication = await credential.check({ waitUntil, countAttempt })
      if (!authentication.ok) {
        audited.formerly = authentication.formerly ?? null
        throw new RequestFailure(authentication.failure, authentication.cause)
      }
      const { principal } = authentication
      audited.principal = principal
      await deps.limits.request(principal)
      const forbidden = authorize(principal, operation.scope)
      if (forbidden) throw new RequestFailure(forbidden)
      const { params, query } = validate(operation, sentParams, request)
      const sent = request.headers.get(SESSION_HEADER)
      const context: RouteContext<O> = {
        deps,
        request,
        principal,
        tenant: principal.tenant,
        params,
        query,
        // A session that cannot be read says nothing: its reader may see its last writes a second later.
        session: (sent === null ? null : decodeSession(sent)) ?? EMPTY_SESSION,
        audit: audited.notes,
        requestId: c.get('requestId'),
        recheck: rechecking(credential, operation, waitUntil),
        waitUntil,
      }
      c.set('session', () => context.session)
      return withSession(await route(context), sent, context.session)
    })
  }

  /** Refuses where no credential could hold. */
  async function requireCredentials(): Promise<void> {
    const problems = await requireDeps(open()).access.missing()
    if (problems.length > 0) throw new RequestFailure({ kind: 'not-configured', problems })
  }

  return app
}

/** Tells the client what it has to send next time, where it has something to tell or to take back. */
function withSession(response: Response, sent: string | null, session: Session): Response {
  const { value } = encodeSession(session)
  if (value !== null || sent !== null) response.headers.set(SESSION_HEADER, value ?? '')
  return response
}

/** Says so itself: a client that names nothing takes a stream. */
function wantsOnlyJson({ headers }: Request): boolean {
  const accept = headers.get('Accept') ?? ''
  return accept.includes('application/json') && !accept.includes('text/event-stream')
}

/** Anyone may ask whether the service is ready: the database is asked once for all who do within this time. */
const PROBE_MS = 1_000

/** A probe that a request waits for no longer: beyond the database's own time it was lost with the request that began it. */
const PATIENCE_MS = 10_000

/** The views of the explorer, which is one page: it finds by the path what to show. */
const EXPLORER_PATHS = ['/', '/conversations', '/conversations/:id', '/search', '/unfinished', '/runs', '/runs/:id']

/** Whether somebody opens an address in a browser, for whom the explorer says that there is nothing. */
function isVisit({ method, url, headers }: Request): boolean {
  const isHtml = headers.get('Accept')?.includes('text/html') ?? false
  return method === 'GET' && isHtml && !/^\/(v1|docs|assets)(\/|$)/.test(new URL(url).pathname)
}

/** A copy, since the headers of what a binding answers cannot be added to. */
async function page({ ASSETS }: AppEnv['Bindings'], request: Request): Promise<Response> {
  const asset = await ASSETS.fetch(request)
  return new Response(asset.body, asset)
}

function allowedOrigins({ configuration }: ReturnType<AppOptions['open']>): readonly string[] {
  return configuration.ok ? configuration.configuration.corsOrigins : []
}

function requireDeps({ configuration, deps }: ReturnType<AppOptions['open']>): AppDeps {
  if (!configuration.ok) throw new RequestFailure({ kind: 'not-configured', problems: configuration.problems })
  if (!deps) throw new Error('a valid configuration gave no dependencies')
  return deps
}

function patternOf(route: string): RegExp {
  return new RegExp(`^${route.replace('.', '\\.').replaceAll(/:\w+/g, '[^/]+').replace('*', '.*')}$`)
}
