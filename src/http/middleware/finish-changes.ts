import { createMiddleware } from 'hono/factory'
import type { AppEnv } from '../app.ts'

const READING = ['GET', 'HEAD', 'OPTIONS']

/**
 * Lets what changes something go on to its end, its audit entry included, when its client has left: the platform stops all else that a
 * request began, and a clearing would be left half done and unrecorded.
 */
export const finishChanges = createMiddleware<AppEnv>(async (c, next) => {
  if (READING.includes(c.req.method)) return next()
  const work = next()
  c.executionCtx.waitUntil(work.catch(() => undefined))
  await work
})
