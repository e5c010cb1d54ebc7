import { ConversationObject } from './conversation/conversation-object.ts'
import type { Notice } from './conversation/rpc.ts'
import { type Bindings, type Configuration, readConfiguration } from './env.ts'
import { createApp } from './http/app.ts'
import type { AppDeps } from './http/context.ts'
import { type Conversations, conversationsOf } from './http/conversations.ts'
import { RecentWrites } from './http/recent-writes.ts'
import { consumeNotices } from './ingest/consume-notices.ts'
import { logDeadNotices } from './ingest/log-dead-notices.ts'
import { sendNotices } from './ingest/send-notices.ts'
import type { EventHistory } from './model/history.ts'
import { consoleLog } from './model/log.ts'
import { DevelopmentHistory } from './store/in-memory/development-history.ts'
import { developmentHistoryOf } from './store/in-memory/development-history-client.ts'
import { createPostgresHistory } from './store/postgres/history.ts'

export { ConversationObject, DevelopmentHistory }

const VERSION = '0.1.0'

/** What one isolate builds once: the bindings of a Worker do not change while it runs. */
interface Composition {
  readonly env: Bindings
  readonly configuration: ReturnType<typeof readConfiguration>
  readonly deps: AppDeps | null
  readonly app: ReturnType<typeof createApp>
}

let composition: Composition | null = null

function compose(env: Bindings): Composition {
  if (composition?.env === env) return composition
  const configuration = readConfiguration(env)
  const deps = configuration.ok ? composeDeps(env, configuration.configuration) : null
  if (!configuration.ok)
    consoleLog('error', 'the service is not configured and refuses to serve', { problems: configuration.problems.join(' ') })
  const app = createApp({ version: VERSION, log: consoleLog, open: () => ({ configuration, deps }) })
  composition = { env, configuration, deps, app }
  return composition
}

function composeDeps(env: Bindings, configuration: Configuration): AppDeps {
  const conversations: Conversations = conversationsOf(env.CONVERSATIONS, wait)
  return {
    configuration,
    conversations,
    history: historyOf(env, configuration),
    recent: new RecentWrites(),
    notify: (notices) => sendNotices(env.NOTICES, notices),
    log: consoleLog,
    now: Date.now,
    wait,
  }
}

function historyOf(env: Bindings, { databaseUrl, fetchEndpoint }: Configuration): EventHistory {
  if (databaseUrl === null) return developmentHistoryOf(env.DEVELOPMENT_HISTORY)
  return createPostgresHistory({ databaseUrl, ...(fetchEndpoint === null ? {} : { fetchEndpoint }) })
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(ms, 0)))
}

/** Names of the queues in wrangler.toml end like this where what arrives was given up on. */
const DEAD_LETTER_QUEUE = /-dead$/

export default {
  fetch(request, env, ctx) {
    return compose(env).app.fetch(request, env, ctx)
  },

  async queue(batch, env) {
    if (DEAD_LETTER_QUEUE.test(batch.queue)) return logDeadNotices(batch.messages, consoleLog)
    const { deps } = compose(env)
    if (!deps) return batch.retryAll({ delaySeconds: 60 })
    await consumeNotices(batch.messages, {
      history: deps.history,
      conversation: ({ tenant, conversation_id }) => deps.conversations(tenant, conversation_id),
      notify: deps.notify,
      log: consoleLog,
      now: Date.now,
    })
  },

  async scheduled(controller, env) {
    await compose(env).deps?.history.maintain(controller.scheduledTime)
  },
} satisfies ExportedHandler<Bindings, Notice>
