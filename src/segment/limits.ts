/*
 * Limits of Segment's HTTP Tracking API and of Cloudflare Queues. Where a "KB" may be 1,000 or 1,024 bytes, the smaller.
 */

/** Segment takes events below 32 KB, and answers 400 to a batch that holds a larger one. */
export const MAX_CALL_BYTES = 31_999

/** Segment takes requests of 500 KB; a few bytes are for what stands around the events. */
export const MAX_POST_BYTES = 499_900

/** Segment takes 2,500 events a request; the queue hands over 100 at most. */
export const MAX_POST_CALLS = 100

/** Segment knows events again by ids of fewer than 100 characters. */
export const MAX_MESSAGE_ID_LENGTH = 99

/** What `sendBatch` takes: 100 messages and 256 KB, with about 100 bytes a message that are the queue's own. */
export const MAX_SENT_MESSAGES = 100
export const MAX_SENT_BYTES = 256_000
export const MESSAGE_OVERHEAD_BYTES = 100

/** The longest delay that the queue takes for a message in all its plans: 12 hours. */
export const MAX_DELAY_SECONDS = 12 * 60 * 60
