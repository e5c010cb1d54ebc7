import type { RetryPolicy } from '../model/retry.ts'

export const DEFAULT_RETRY: RetryPolicy = { attempts: 8, firstDelayMs: 100, longestDelayMs: 5_000, budgetMs: 60_000 }

/** 520 and up are Cloudflare's own, when it does not get through to what stands behind it. */
const REPEATABLE: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524, 530])

/** Whether a status outside 2xx may pass by itself. */
export function isRepeatable(status: number): boolean {
  return REPEATABLE.has(status)
}

/** Whether a status outside 2xx says that the request took no effect. */
export function isRefusal(status: number): boolean {
  return status === 503 || (status >= 400 && status < 500 && status !== 408)
}
