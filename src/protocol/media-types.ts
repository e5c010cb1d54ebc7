/** As lines are answered. */
export const NDJSON = 'application/x-ndjson'

/** What lines are called, each with the same meaning. */
export const LINE_TYPES: readonly string[] = [NDJSON, 'application/ndjson', 'application/jsonl']
