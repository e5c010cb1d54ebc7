/**
 * How far the clocks of two machines may stand apart. A clearing is told from what comes after it by the objects'
 * clocks, so it lies this much ahead of its request and is answered this much after it: what was acknowledged before
 * the request is cleared, what is recorded after the answer is kept, and only what runs beside it may fall either way.
 */
export const CLOCK_UNCERTAINTY_MS = 100
