import { existsSync } from 'node:fs'
import { link, open, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'

export interface WriteState {
  /** Whether there is a partial file of this export. */
  hasFile: boolean
}

/** Where an export stands until it is complete. */
export function partialName(path: string): string {
  return `${path}.partial`
}

/** The first file that stands where an export would be written; null where nothing does. */
export function fileInTheWay(path: string): string | null {
  return [path, partialName(path)].find((one) => existsSync(one)) ?? null
}

/**
 * Writes the lines beside the file, gzipped if its name ends in `.gz`, or to the output. Readable by its user alone. Throws when it
 * cannot write; what stands in the partial file is then cut anywhere, unless `state` says that this made none.
 */
export async function writeLines(lines: AsyncIterable<string>, path: string | undefined, state: WriteState): Promise<void> {
  if (path === undefined) return pipeline(lines, process.stdout, { end: false })
  const file = (await open(partialName(path), 'wx', 0o600)).createWriteStream({ flush: true })
  state.hasFile = true
  await (path.endsWith('.gz') ? pipeline(lines, createGzip(), file) : pipeline(lines, file))
}

/** Gives what was written its own name. Throws, and leaves it where it is, if a file of that name came meanwhile. */
export async function giveName(path: string): Promise<void> {
  // A rename would take the place of that file.
  await link(partialName(path), path)
  await rm(partialName(path))
}

export function discard(path: string): Promise<void> {
  return rm(partialName(path))
}
