const KIB = 1024
const MIB = 1024 * KIB

/** One event's JSON text, in UTF-8 bytes. Twice this (every byte escaped) still fits one Neon request of 10 MiB. */
export const MAX_EVENT_BYTES = 4 * MIB

/** One request's body, in bytes. */
export const MAX_REQUEST_BYTES = 16 * MIB

/** Events in one request. */
export const MAX_REQUEST_EVENTS = 5_000

/** Conversations in one request: each is an object to call, twice with `on_conflict=reject`, of the 10,000 calls that a Worker has. */
export const MAX_REQUEST_CONVERSATIONS = 1_000

/** Nesting of arrays and objects in one event. PostgreSQL's json parser and every recursive reader stay far from their stack limits. */
export const MAX_JSON_DEPTH = 256

/** Ids and indexed names, in UTF-16 code units. Three of them, 768 bytes each at most, stay below the 2,704 bytes of a btree entry: no index holds more. */
export const MAX_ID_LENGTH = 256

/** Items of a page when the reader names no limit. */
export const DEFAULT_PAGE_ITEMS = 100

/** Items of a page at most. */
export const MAX_PAGE_ITEMS = 5_000

/** Event text in a page, in bytes: escaped inside Neon's JSON answer it normally stays under that answer's cap of 10 MiB. */
export const MAX_PAGE_BYTES = 6 * MIB

/** Events and their columns in one write to Postgres, in bytes. JSON escaping at most doubles it, so a round trip stays within 8 MiB. */
export const MAX_WRITE_BYTES = 4 * MIB

/** Offsets of one topic read, which all stand in its address. */
export const MAX_OFFSETS = 1_000

/** Live readers of one conversation at a time: each append is sent to each of them by the one object. */
export const MAX_LIVE_READERS = 1_000

/** Tickets of one conversation that have not expired, a hundred bytes each. */
export const MAX_TICKETS = 1_000

/** How long a ticket lives, in seconds: it stands in URLs, which logs and histories keep. */
export const TICKET_SECONDS = 600

/** What one overview covers, in days. */
export const MAX_OVERVIEW_DAYS = 31

/** Points of one activity answer: more than a screen has columns for. */
export const MAX_ACTIVITY_POINTS = 1_500

/** Begun and ended runs, of each as many, that one overview of assistants counts: half a second of a small database's time. */
export const MAX_COUNTED_RUNS = 200_000

/** Longest time that the database works on one overview, in milliseconds. */
export const OVERVIEW_TIMEOUT_MS = 5_000
