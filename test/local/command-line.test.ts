import { execFile } from 'node:child_process'
import { describe, expect, it } from 'vitest'

/** No command gets as far as its database or service. */
const env = { ...process.env, DATABASE_URL: 'postgresql://user:secret@127.0.0.1:1/events' }

function run(script: string, parameters: string[]): Promise<{ code: unknown; out: string; err: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [`src/local/${script}.ts`, ...parameters], { env }, (error, out, err) =>
      resolve({ code: error?.code, out, err }),
    )
  })
}

describe.each(['start', 'demo', 'migrate', 'keys', 'logins', 'tenant-settings', 'verify', 'export', 'build-package'])(
  'the command of %s',
  (script) => {
    it.each([['--port', '9999'], ['--help']])('refuses %s in a line, with its usage, and does nothing', async (...parameters) => {
      const { code, out, err } = await run(script, parameters)
      expect([code, out]).toEqual([2, ''])
      expect(err).toMatch(new RegExp(`^unknown option ${parameters[0]}\nusage: .*npm `))
      expect(err).not.toContain('    at ')
    })
  },
)
