import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { expect } from 'vitest'
import type { DedupeIndex } from '../../src/conversation/dedupe-index.ts'

/** The entry of an event by its number: hash of id, digest, and length. */
export const metaOf = (numbers: readonly number[]) => Uint32Array.from(numbers.flatMap((n) => [n, n * 7, n * 11, n * 13, 1]))

/** A log that knows its events by their numbers, in the storage of an object of its own. */
export function inStorage<R>(callback: (sql: SqlStorage) => R): Promise<R> {
  return runInDurableObject(env.CONVERSATIONS.getByName(crypto.randomUUID()), (_, { storage }) => callback(storage.sql))
}

/** Notes what is asked of the storage from now on. */
export function watch(sql: SqlStorage): { readonly rowsRead: number; readonly rowsWritten: number }[] {
  const { exec } = sql
  const cursors: { readonly rowsRead: number; readonly rowsWritten: number }[] = []
  sql.exec = ((text: string, ...bindings: unknown[]) => {
    const cursor = exec.call(sql, text, ...bindings)
    cursors.push(cursor)
    return cursor
  }) as typeof sql.exec
  return cursors
}

export function expectKnown(
  index: DedupeIndex,
  known: readonly { number: number; seq: number }[],
  gone: ReadonlySet<number>,
): void {
  expect(index.count).toBe(known.length)
  for (const { number, seq } of known) {
    expect(index.seqOf(number, number * 7)).toBe(seq)
    expect(index.hasContent(seq, number * 11, number * 13)).toBe(true)
  }
  for (const number of gone) expect(index.seqOf(number, number * 7)).toBe(0)
}
