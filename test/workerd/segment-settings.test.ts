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

  it('take the key and the address without the white space around them', () => {
    const settings = { SEGMENT_WRITE_KEY: ' k\n', SEGMENT_HOST: ' https://events.eu1.segmentapis.com\n' }
    const segment = { writeKey: 'k', host: 'https://events.eu1.segmentapis.com' }
    expect(read(settings)).toMatchObject({ configuration: { segment, segmentFault: null } })
    expect(read({ SEGMENT_WRITE_KEY: '\n' })).toMatchObject({ configuration: { segment: null, segmentFault: null } })
    expect(read({ SEGMENT_WRITE_KEY: 'k', SEGMENT_HOST: '\n' })).toMatchObject({ configuration: { segment: { writeKey: 'k' } } })
  })

  it.each(['segment', 'http://api.segment.io', 'ftp://api.segment.io', 'https://api.segment.io/v1/batch', 'https://a:b@c.de'])(
    'turn Segment off with the address %s, and the store serves',
    (SEGMENT_HOST) => {
      const configuration = { segment: null, segmentFault: expect.stringContaining('SEGMENT_HOST') }
      expect(read({ SEGMENT_WRITE_KEY: 'k', SEGMENT_HOST })).toMatchObject({ ok: true, configuration })
      expect(read({ SEGMENT_HOST })).toMatchObject({ ok: true, configuration: { segment: null, segmentFault: null } })
    },
  )

  it('turn it off with a key that no request can carry, and do not show that', () => {
    for (const key of ['a:b', 'a b', 'é']) {
      const fault = expect.stringMatching(/^SEGMENT_WRITE_KEY must/)
      const result = read({ SEGMENT_WRITE_KEY: key })
      expect(result).toMatchObject({ ok: true, configuration: { segment: null, segmentFault: fault } })
      expect(JSON.stringify(result)).not.toContain(JSON.stringify(key))
      expect(JSON.stringify(result)).not.toContain(key === 'é' ? key : `${key},`)
    }
  })
})
