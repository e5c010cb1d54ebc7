import { waitUntil } from 'cloudflare:workers'
import { version } from '../package.json'
import { ConversationObject } from './conversation/conversation-object.ts'
import type { Notice } from './conversation/rpc.ts'
import { type Bindings, type Configuration, type ConfigurationResult, readConfiguration } from './env.ts'
import { announcer, announcing } from './feed/announcing.ts'
import { feedsOf } from './feed/feed-calls.ts'
import { FeedObject } from './feed/feed-object.ts'
import { createApp } from './http/app.ts'
import type { AppDeps, AuditDeps } from './http/context.ts'
import { type Conversations, conversationsOf } from './http/conversations.ts'
import { limitsOf } from './http/rate-limit.ts'
import { RecentWrites } from './http/recent-writes.ts'
import { noticeCollector } from './ingest/collect-notices.ts'
import { consumeDeadNotices } from './ingest/consume-dead-notices.ts'
import { consumeNotices } from './ingest/consume-notices.ts'
import { type Forward, forwardNothing } from './ingest/drain.ts'
import { sendNotices } from './ingest/send-notices.ts'
import type { AuditEntry, AuditLog } from './model/audit.ts'
import { type Log, logFrom } from './model/log.ts'
import { archiveIn } from './retention/archive.ts'
import {
  beginRetention,
  continueRetention,
  type RetentionDeps,
  type RetentionTurn,
  SECONDS_BETWEEN_TURNS,
} from './retention/retain.ts'
import { createAccess } from './security/access.ts'
import { AskedReads } from './security/audit/asked-reads.ts'
import { consumeAuditEntries, logDeadAuditEntries } from './security/audit/consume-entries.ts'
import { entryRecorder } from './security/audit/record-entry.ts'
import { tokenChecker } from './security/jwt.ts'
import { DEVELOPMENT_PRINCIPAL } from './security/principal.ts'
import { consumeTrackCalls, logDeadTrackCalls } from './segment/consume-track-calls.ts'
import { forwardLifecycleEvents } from './segment/forward-lifecycle-events.ts'
import { ANSWER_TIMEOUT_MS, postBatch } from './segment/post-batch.ts'
import { DevelopmentHistory } from './store/in-memory/development-history.ts'
import { developmentAuditLogOf, developmentHistoryOf, developmentKeysOf } from './store/in-memory/development-history-client.ts'
import { createPostgresKeyDirectory } from './store/postgres/api-keys/directory.ts'
import { createPostgresAuditLog, mayChangeAudit } from './store/postgres/audit.ts'
import { connect } from './store/postgres/connection.ts'
import { createPostgresHistory } from './store/postgres/history.ts'

export { ConversationObject, DevelopmentHistory, FeedObject }

/** What one isolate builds once: the bindings of a Worker do not change while it runs. */
interface Composition {
  readonly env: Bindings
  readonly configuration: ConfigurationResult
  readonly deps: AppDeps | null
  readonly log: Log
  readonly app: ReturnType<typeof createApp>
}

let composition: Composition | null = null

function compose(env: Bindings): Composition {
  if (composition?.env === env) return composition
  const read = readConfiguration(env)
  const log = logFrom(read.ok ? read.configuration.logLevel : 'info')
  const { configuration, deps } = tryComposing(env, read, log)
  if (!configuration.ok)
    log('error', 'the service is not configured and refuses to serve', { problems: configuration.problems.join(' ') })
  if (configuration.ok && configuration.configuration.environment === 'development')
    log('warn', 'development: requests on loopback need no key and may do everything', { tenant: DEVELOPMENT_PRINCIPAL.tenant })
  if (configuration.ok && configuration.configuration.segmentFault !== null)
    log('error', 'the settings for Segment are wrong: nothing is sent there', {
      problems: configuration.configuration.segmentFault,
    })
  const app = createApp({ version, log, open: () => ({ configuration, deps }) })
  composition = { env, configuration, deps, log, app }
  return composition
}

const UNUSABLE = 'A setting has a form that the service cannot work with: compare all of them with the table in the README.'

/** What no check of the settings foresees is a wrong setting as well. What was thrown may repeat it, so it is not told. */
function tryComposing(env: Bindings, configuration: ConfigurationResult, log: Log): Pick<Composition, 'configuration' | 'deps'> {
  if (!configuration.ok) return { configuration, deps: null }
  try {
    return { configuration, deps: composeDeps(env, configuration.configuration, log) }
  } catch {
    return { configuration: { ok: false, problems: [UNUSABLE] }, deps: null }
  }
}

function composeDeps(env: Bindings, configuration: Configuration, log: Log): AppDeps {
  const notify: AppDeps['notify'] = (notices, delaySeconds) => sendNotices(env.NOTICES, notices, delaySeconds)
  const notice = noticeCollector({ send: notify, keepAlive: waitUntil, log, now: Date.now, wait })
  const conversations: Conversations = conversationsOf(env.CONVERSATIONS, wait, notice)
  const feeds = feedsOf(env.FEEDS)
  const announce = announcer({ tell: feeds.tell, keepAlive: waitUntil, log, now: Date.now })
  const { history, keys, auditLog } = storesOf(env, configuration)
  const checkToken = configuration.jwt === null ? null : tokenChecker(configuration.jwt, { fetch: fetchOf, now: Date.now, wait })
  return {
    configuration,
    conversations,
    feeds,
    history: announcing(history, announce),
    forward: forwardOf(env, configuration, log),
    recent: new RecentWrites(),
    notify,
    access: createAccess({ configuration, keys, checkToken, now: Date.now, wait }),
    keys,
    limits: limitsOf(env, log),
    audit: auditOf(env, auditLog, log),
    log,
    now: Date.now,
    wait,
  }
}

/** How the database is reached, by the Worker's role and by the one that erases; null where the history is in memory. */
function databaseOf({ databaseUrl, maintenanceUrl, fetchEndpoint }: Configuration) {
  if (databaseUrl === null || maintenanceUrl === null) return null
  const endpoint = { fetchEndpoint: fetchEndpoint ?? undefined }
  return { worker: { databaseUrl, ...endpoint }, maintenance: { databaseUrl: maintenanceUrl, ...endpoint } }
}

function storesOf({ DEVELOPMENT_HISTORY: memory }: Bindings, configuration: Configuration) {
  const database = databaseOf(configuration)
  if (!database)
    return { history: developmentHistoryOf(memory), keys: developmentKeysOf(memory), auditLog: developmentAuditLogOf(memory) }
  return {
    history: createPostgresHistory(database.worker, database.maintenance),
    keys: createPostgresKeyDirectory(connect(database.worker)),
    auditLog: createPostgresAuditLog(database.worker),
  }
}

function auditOf(env: Bindings, audit: AuditLog, log: Log): AuditDeps {
  const send = (entries: readonly AuditEntry[]) => env.AUDIT.sendBatch(entries.map((body) => ({ body })))
  return {
    log: audit,
    record: entryRecorder({ send, log, now: Date.now, newId: () => crypto.randomUUID(), wait }),
    reads: new AskedReads((tenant) => audit.recordsReads(tenant), Date.now),
  }
}

async function warnOfRights(configuration: Configuration, log: Log): Promise<void> {
  const database = databaseOf(configuration)
  if (database && (await mayChangeAudit(database.worker)))
    log('warn', 'the role of DATABASE_URL may change the audit log: give the Worker a role of its own')
}

function forwardOf(env: Bindings, { segment }: Configuration, log: Log): Forward {
  if (segment === null) return forwardNothing
  return forwardLifecycleEvents({ queue: env.SEGMENT_EVENTS, version, log, wait })
}

function fetchOf(url: string, init: RequestInit): Promise<Response> {
  return fetch(url, init)
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)))
}

/** How the names of the queues in wrangler.toml end: all others carry notices. */
const DEAD_NOTICES = /-notices-dead$/
const DEAD_AUDIT = /-audit-dead$/
const AUDIT = /-audit$/
const DEAD_TRACK_CALLS = /-segment-dead$/
const TRACK_CALLS = /-segment$/

type NoticesMessage = Message<Notice> | Message<RetentionTurn>

async function consumeNoticeBatch(messages: readonly NoticesMessage[], env: Bindings, deps: AppDeps): Promise<void> {
  const { history, forward, notify, log } = deps
  const conversation = conversationOf(deps)
  const { retentionDays } = deps.configuration
  const consumerDeps = { history, forward, conversation, notify, log, retentionDays, now: Date.now }
  await consumeNotices(messages.filter(isNotice), consumerDeps)
  for (const message of messages) if (!isNotice(message)) await continueRetention(message, retentionOf(env, deps))
}

async function consumeDeadNoticeBatch(messages: readonly NoticesMessage[], { NOTICES }: Bindings, log: Log): Promise<void> {
  const sendLater = async (notice: Notice) => void (await NOTICES.send(notice, { delaySeconds: 3600 }))
  await consumeDeadNotices(messages.filter(isNotice), { sendLater, log })
  const turns = messages.filter((message) => !isNotice(message)).length
  if (turns > 0) log('error', 'a retention pass was given up on; the next one begins anew', { turns })
}

function isNotice(message: NoticesMessage): message is Message<Notice> {
  return 'tenant' in message.body
}

const conversationOf =
  ({ conversations }: AppDeps) =>
  ({ tenant, conversation_id }: Notice) =>
    conversations(tenant, conversation_id)

function retentionOf({ ARCHIVE: bucket, NOTICES }: Bindings, deps: AppDeps): RetentionDeps {
  const { configuration, history, forward, notify, log } = deps
  return {
    days: configuration.retentionDays,
    history,
    archive: bucket ? archiveIn({ bucket, history, forward, conversation: conversationOf(deps), log }) : null,
    notify,
    goOn: async (turn) => void (await NOTICES.send(turn, { delaySeconds: SECONDS_BETWEEN_TURNS })),
    log,
    now: Date.now,
  }
}

async function consumeTrackCallBatch(batch: MessageBatch<string>, { configuration, log }: AppDeps): Promise<void> {
  const { segment, segmentFault } = configuration
  if (segmentFault !== null) {
    const later = { kind: 'later', cause: segmentFault, retry_after: null } as const
    return consumeTrackCalls(batch.messages, { post: async () => later, log })
  }
  if (segment === null) {
    const fields = { events: batch.messages.length }
    return log('warn', 'SEGMENT_WRITE_KEY is not set: what waited for Segment is dropped', fields)
  }
  const postDeps = {
    fetch: fetchOf,
    ...segment,
    timeoutMs: ANSWER_TIMEOUT_MS,
    now: Date.now,
  }
  await consumeTrackCalls(batch.messages, { post: (calls) => postBatch(calls, postDeps), log })
}

export default {
  fetch(request, env, ctx) {
    return compose(env).app.fetch(request, env, ctx)
  },

  async queue(batch, env) {
    const { deps, log } = compose(env)
    if (DEAD_NOTICES.test(batch.queue)) return consumeDeadNoticeBatch(batch.messages as readonly NoticesMessage[], env, log)
    if (DEAD_TRACK_CALLS.test(batch.queue)) return logDeadTrackCalls((batch as MessageBatch<string>).messages, log)
    if (DEAD_AUDIT.test(batch.queue)) return logDeadAuditEntries((batch as MessageBatch<AuditEntry>).messages, log)
    if (!deps) return batch.retryAll({ delaySeconds: 60 })
    if (AUDIT.test(batch.queue))
      return consumeAuditEntries((batch as MessageBatch<AuditEntry>).messages, { audit: deps.audit.log, log })
    if (TRACK_CALLS.test(batch.queue)) return consumeTrackCallBatch(batch as MessageBatch<string>, deps)
    await consumeNoticeBatch(batch.messages as readonly NoticesMessage[], env, deps)
  },

  async scheduled(controller, env) {
    const { deps, log } = compose(env)
    if (!deps) return
    try {
      await deps.history.maintain(controller.scheduledTime)
    } finally {
      await beginRetention(retentionOf(env, deps))
      await warnOfRights(deps.configuration, log)
    }
  },
} satisfies ExportedHandler<Bindings, Notice | RetentionTurn | AuditEntry | string>
