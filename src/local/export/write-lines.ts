import { createWriteStream, existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

/** Where an export stands until it is complete. */
export function partialName(path: string): string {
  return `${path}.partial`
}

/** The first file that stands where an export would be written; null where nothing does. */
export function fileInTheWay(path: string): string | null {
  return [path, partialName(path)].find((one) => existsSync(one)) ?? null
}

/**
 * Writes the lines to the file beside which they stand until `isComplete` says that they are all, gzipped if its name ends in `.gz`;
 * or to the output. Readable by its user alone. Throws when it cannot write; what stands in the partial file is then cut anywhere.
 */
export async function writeLines(
  lines: AsyncIterable<string>,
  path: string | undefined,
  isComplete: () => 'complete' | 'partial' | 'empty',
): Promise<void> {
  if (path === undefined) return pipeline(lines, process.stdout, { end: false })
  const partial = partialName(path)
  const file = createWriteStream(partial, { flags: 'wx', mode: 0o600, flush: true })
  await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file) : pipeline(lines, file))
  const outcome = isComplete()
  if (outcome === 'complete') await rename(partial, path)
  else if (outcome === 'empty') await rm(partial)
}
