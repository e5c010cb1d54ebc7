/** An attempt of an activity: seconds after the run's beginning. */
export interface SampleAttempt {
  readonly from: number
  /** Absent for one that has no end. */
  readonly to?: number
  readonly error?: string
}

export interface SampleRun {
  readonly run: string
  readonly type: string
  readonly application: string
  readonly startedAt: Date
  /** By the activity's type. */
  readonly activities: Readonly<Record<string, readonly SampleAttempt[]>>
  /** Seconds after the beginning; absent for a run that has no end. */
  readonly endsAt?: number
  readonly error?: string
  /** Further events: from an activity, or from the workflow. */
  readonly events?: readonly { readonly name: string; readonly at: number; readonly activity?: string }[]
}

interface Told {
  readonly name: string
  readonly at: number
  readonly data?: object
  readonly metadata?: object
}

/** What a run publishes, in the order of time, as the SDK and the client's helpers make it. */
export function sampleRunEvents(sample: SampleRun): object[] {
  const { run, type, application, startedAt, activities, endsAt, error, events = [] } = sample
  const ids = Object.keys(activities)
  const told: Told[] = [{ name: 'workflow_start', at: 0, data: { state: 'running' }, metadata: { workflow_state: 'running' } }]
  for (const [activity, attempts] of Object.entries(activities)) {
    for (const [index, attempt] of attempts.entries()) told.push(...attemptEvents(activityOf(activity, ids, index + 1), attempt))
  }
  for (const { name, at, activity } of events) {
    const metadata = activity === undefined ? {} : activityOf(activity, ids, 1)
    told.push({ name, at, data: { rows: 1200 + at, big: '9007199254740993' }, metadata: { ...metadata, source: 'warehouse' } })
  }
  if (endsAt !== undefined) {
    const state = error === undefined ? 'completed' : 'failed'
    told.push({ name: 'workflow_end', at: endsAt, data: ending(endsAt, error), metadata: { workflow_state: state } })
  }
  return told
    .sort((a, b) => a.at - b.at)
    .map(({ name, at, data = {}, metadata }) => ({
      event_type: name.includes('_') ? 'application_events' : 'data.processed',
      event_name: name,
      data,
      metadata: {
        application_name: application,
        created_timestamp: startedAt.getTime() / 1000 + at,
        workflow_type: type,
        workflow_id: `${type}-${run.slice(0, 4)}`,
        workflow_run_id: run,
        ...metadata,
      },
    }))
}

function activityOf(type: string, ids: readonly string[], attempt: number) {
  return { activity_type: type, activity_id: String(ids.indexOf(type) + 1), attempt, workflow_state: 'running' }
}

function attemptEvents(metadata: object, { from, to, error }: SampleAttempt): Told[] {
  const start = { name: 'activity_start', at: from, data: { state: 'running' }, metadata }
  return to === undefined ? [start] : [start, { name: 'activity_end', at: to, data: ending(to - from, error), metadata }]
}

function ending(seconds: number, error: string | undefined) {
  const failure = { error_type: 'ActivityError', error_message: error }
  return {
    state: error === undefined ? 'completed' : 'failed',
    duration_ms: seconds * 1000,
    ...(error === undefined ? {} : failure),
  }
}

/** A crawl with a retry, one that failed, one that runs, and one that broke off. */
export function sampleRuns(now: number): SampleRun[] {
  const ago = (seconds: number) => new Date(now - seconds * 1000)
  const crawl = { type: 'MetadataExtraction', application: 'crawler' }
  const timeout = 'the warehouse did not answer within 30 seconds'
  return [
    {
      ...crawl,
      run: '8f1c7a52-finished',
      startedAt: ago(1500),
      endsAt: 148.4,
      activities: {
        preflight_check: [{ from: 0.4, to: 2.9 }],
        fetch_databases: [{ from: 3, to: 14.2 }],
        fetch_schemas: [{ from: 14.3, to: 33 }],
        fetch_tables: [
          { from: 33.2, to: 63.2, error: timeout },
          { from: 65.2, to: 95.2, error: timeout },
          { from: 99.2, to: 121 },
        ],
        fetch_columns: [{ from: 36, to: 118.5 }],
        transform: [{ from: 121.2, to: 139 }],
        upload: [{ from: 139.1, to: 148 }],
      },
      events: [
        { name: 'token_refresh', at: 60 },
        { name: 'batch read', at: 52, activity: 'fetch_columns' },
        { name: 'batch read', at: 77, activity: 'fetch_columns' },
        { name: 'batch read', at: 101, activity: 'fetch_columns' },
      ],
    },
    {
      ...crawl,
      run: '03bd55e0-failed',
      startedAt: ago(1100),
      endsAt: 71,
      error: 'fetch_tables gave up after 3 attempts',
      activities: {
        preflight_check: [{ from: 0.5, to: 3 }],
        fetch_tables: [
          { from: 3.5, to: 23.5, error: timeout },
          { from: 25, to: 45, error: timeout },
          { from: 49, to: 70, error: `${timeout}: the pool of connections is exhausted` },
        ],
      },
    },
    {
      type: 'QueryHistory',
      application: 'miner',
      run: 'b6d0c1f4-running',
      startedAt: ago(240),
      activities: { fetch_queries: [{ from: 1, to: 92 }], parse_queries: [{ from: 92.5 }] },
      events: [{ name: 'queries parsed', at: 180, activity: 'parse_queries' }],
    },
    {
      type: 'QueryHistory',
      application: 'miner',
      run: 'e2a94b77-broken-off',
      startedAt: ago(9 * 3600),
      activities: { fetch_queries: [{ from: 1 }, { from: 62 }] },
    },
  ]
}
