import { spawn } from 'node:child_process'

/**
 * Runs a shell script when this process dies without having called it off, even by `kill -9`: a shell waits for the end of a
 * pipe that only this process holds open. Gives the function that calls it off.
 */
export function runAfterDeath(script: string, parameters: string[]): () => void {
  if (process.platform === 'win32') return () => undefined
  const waiting = `trap '' INT TERM HUP; read -r order && exit 0; ${script}`
  const shell = spawn('/bin/sh', ['-c', waiting, 'sh', ...parameters], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  shell.on('error', () => undefined)
  shell.stdin.on('error', () => undefined)
  shell.unref()
  if ('unref' in shell.stdin && typeof shell.stdin.unref === 'function') shell.stdin.unref()
  return () => shell.stdin.end('done\n')
}
