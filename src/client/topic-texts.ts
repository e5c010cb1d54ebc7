import { eachItem, type PagedRead } from './paged-read.ts'

/** Offsets of one request: the service takes no more, and the address stays within what proxies take. */
const REQUEST_OFFSETS = 1_000

/** The texts of a topic's events at any number of offsets, in the order of recording. */
export async function topicTexts(
  read: PagedRead,
  offsets: readonly number[],
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const wanted = [...new Set(offsets)]
  const found: { readonly position: bigint; readonly text: string }[] = []
  for (let at = 0; at < wanted.length; at += REQUEST_OFFSETS) {
    const query = { offsets: wanted.slice(at, at + REQUEST_OFFSETS).join(',') }
    for await (const { cursor, text } of eachItem({ ...read, query }, signal)) found.push({ position: BigInt(cursor), text })
  }
  // Each request is in that order already.
  if (wanted.length > REQUEST_OFFSETS) found.sort((a, b) => (a.position < b.position ? -1 : 1))
  return found.map(({ text }) => text)
}
