import { describe, expect, it } from 'vitest'
import { type Bindings, readConfiguration } from '../../src/env.ts'

function read(settings: Partial<Bindings>) {
  const valid = { ENVIRONMENT: 'development', HOT_RETENTION_SECONDS: '60', PAGE_CACHE_SECONDS: '0' }
  return readConfiguration({ ...valid, ...settings } as Bindings)
}

describe('the settings for Segment', () => {
  it('turn it on with the key alone, at the American address', () => {
    expect(read({})).toMatchObject({ configuration: { segment: null } })
    expect(read({ SEGMENT_WRITE_KEY: '' })).toMatchObject({ configuration: { segment: null } })
    const segment = { writeKey: 'k', host: 'https://api.segment.io' }
    expect(read({ SEGMENT_WRITE_KEY: 'k' })).toMatchObject({ configuration: { segment } })
  })

  it.each([
    ['https://events.eu1.segmentapis.com', 'https://events.eu1.segmentapis.com'],
    ['https://events.eu1.segmentapis.com/', 'https://events.eu1.segmentapis.com'],
    ['http://127.0.0.1:9', 'http://127.0.0.1:9'],
    ['http://[::1]:9', 'http://[::1]:9'],
  ])('take %s for the address', (SEGMENT_HOST, host) => {
    expect(read({ SEGMENT_WRITE_KEY: 'k', SEGMENT_HOST })).toMatchObject({ configuration: { segment: { host } } })
  })

  it.each(['segment', 'http://api.segment.io', 'ftp://api.segment.io', 'https://api.segment.io/v1/batch', 'https://a:b@c.de'])(
    'do not take %s',
    (SEGMENT_HOST) => {
      expect(read({ SEGMENT_HOST })).toEqual({ ok: false, problems: [expect.stringContaining('SEGMENT_HOST')] })
    },
  )

  it('do not take a key that no request can carry, and do not show it', () => {
    for (const key of ['a:b', 'a b', 'é'])
      expect(read({ SEGMENT_WRITE_KEY: key })).toEqual({ ok: false, problems: [expect.not.stringContaining(key)] })
  })
})
