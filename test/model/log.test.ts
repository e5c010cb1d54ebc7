import { describe, expect, it } from 'vitest'
import { LOG_LEVELS, type LogLevel, logFrom } from '../../src/model/log.ts'

describe('a log from a level on', () => {
  it.each<[LogLevel, readonly LogLevel[]]>([
    ['debug', ['debug', 'info', 'warn', 'error']],
    ['info', ['info', 'warn', 'error']],
    ['warn', ['warn', 'error']],
    ['error', ['error']],
  ])('%s leaves out what is less urgent', (least, expected) => {
    const lines: unknown[] = []
    const log = logFrom(least, (...line) => lines.push(line))
    for (const level of LOG_LEVELS) log(level, `a ${level}`, { of: level })
    expect(lines).toEqual(expected.map((level) => [level, `a ${level}`, { of: level }]))
  })
})
