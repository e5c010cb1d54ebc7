import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { forwardNothing, type Outbox } from '../../src/ingest/drain.ts'
import { type ArchiveBucket, archiveIn } from '../../src/retention/archive.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { brokenOutbox, FakeOutbox } from '../ingest/fakes.ts'
import { fill, MARKER } from './fakes.ts'

interface Stored {
  readonly text: string
  readonly metadata: Record<string, string>
}

const empty: Outbox = { pending: async () => null }

/** A bucket that keeps what it gets, and may fail. */
function bucketOf(before: (key: string) => void = () => undefined, size = (bytes: number) => bytes) {
  const objects = new Map<string, Stored>()
  const put: ArchiveBucket['put'] = async (key, bytes, options) => {
    before(key)
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    if (options.sha256 !== sha256) throw new Error('the bytes are not what they should be')
    objects.set(key, { text: new TextDecoder().decode(bytes), metadata: options.customMetadata })
    return { size: size(bytes.byteLength) }
  }
  return { objects, bucket: { put } }
}

function setUp(outboxes: Record<string, Outbox> = {}, bucket = bucketOf()) {
  const history = new InMemoryHistory()
  const conversation = ({ conversation_id }: { conversation_id: string }) => outboxes[conversation_id] ?? empty
  const archive = archiveIn({ history, forward: forwardNothing, conversation, bucket: bucket.bucket })
  const expired = async (goOn = () => true) => archive(await history.expiredConversations(MARKER, null, 100), MARKER, goOn)
  return { history, expired, objects: bucket.objects }
}

const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

describe('the archive', () => {
  it('gets what is past its term, and nothing else, as the API gives it', async () => {
    const { history, expired, objects } = setUp()
    await fill(history, 'c', [MARKER - 1_000, MARKER, MARKER + 1])
    await fill(history, 'young', [MARKER + 1])
    expect(await expired()).toMatchObject({
      archived: [{ conversation: { tenant: 't', conversation_id: 'c' }, through: MARKER }],
      ...{ events: 2, objects: 1, failed: 0, unfinished: null },
    })
    const [[key, { text, metadata }] = ['', { text: '', metadata: {} }]] = [...objects]
    expect([...objects]).toHaveLength(1)
    expect(key).toMatch(/^t\/c\/\d{8}T\d{9}Z-0{15}1-0{15}2\.ndjson$/)
    const { items } = await history.conversationEvents('t', 'c', { limit: 2 })
    expect(text).toBe(
      items
        .map(
          ({ seq, recorded_at, event }) => `{"seq":${seq},"cursor":"${seq}","recorded_at":"${recorded_at}","event":${event}}\n`,
        )
        .join(''),
    )
    const sha256 = createHash('sha256').update(text).digest('hex')
    expect(metadata).toEqual({ tenant: 't', conversation_id: 'c', count: '2', sha256 })
  })

  it('gets quarantined events in their places', async () => {
    const { history, expired, objects } = setUp()
    await fill(history, 'c', [MARKER - 2])
    const refused = { code: '22P02', reason: 'refused', event: '{"event_id":"q"}' }
    await history.quarantine({ tenant: 't', conversation_id: 'c', seq: 2, recorded_at: MARKER - 1, event_id: 'q', ...refused })
    await expired()
    expect(linesOf([...objects.values()][0]?.text ?? '').map(({ seq }) => seq)).toEqual([1, 2])
  })

  it('is cut into objects of a bounded size, and an event that is larger has its own', async () => {
    const { history, expired, objects } = setUp()
    const filler = 'x'.repeat(1_500_000)
    const sizes = [filler, filler, filler.repeat(2), filler, '']
    const texts = sizes.map((note, n) => JSON.stringify({ event_id: `e${n}`, note }))
    const heads = sizes.map((_, n) => JSON.stringify({ event_id: `e${n}`, event_type: 'T', timestamp: '2026-01-01T00:00:00Z' }))
    const segments = [{ first_seq: 1, count: sizes.length, recorded_at: MARKER }]
    await history.append([{ tenant: 't', conversation_id: 'c', segments, heads: heads.join(), events: texts.join() }])
    expect(await expired()).toMatchObject({ events: 5, objects: 4 })
    expect([...objects.values()].map(({ metadata }) => metadata.count)).toEqual(['1', '1', '1', '2'])
    expect([...objects.values()].flatMap(({ text }) => linesOf(text)).map(({ seq }) => seq)).toEqual([1, 2, 3, 4, 5])
  })

  it('gets the same objects when it is repeated', async () => {
    const { history, expired, objects } = setUp()
    await fill(history, 'c', [MARKER - 1, MARKER])
    await expired()
    const before = new Map(objects)
    await expired()
    expect(objects).toEqual(before)
  })

  it('gets what the object has not delivered', async () => {
    const outbox = new FakeOutbox('c', [[{ event_id: 'late' }]])
    const { history, expired, objects } = setUp({ c: outbox })
    await history.quarantine({
      ...{ tenant: 't', conversation_id: 'c', seq: 9, recorded_at: MARKER, event_id: 'q' },
      ...{ code: '22P02', reason: 'refused', event: '{}' },
    })
    expect(await expired()).toMatchObject({ events: 2 })
    expect([...objects.values()][0]?.text).toContain('"late"')
    expect(outbox.persisted).toBe(1)
  })

  it('does without those that fail, and says why', async () => {
    const refuses = (key: string) => {
      if (key.startsWith('t/b/')) throw new Error('R2 is away')
    }
    const { history, expired, objects } = setUp({ c: brokenOutbox }, bucketOf(refuses))
    for (const id of ['a', 'b', 'c', 'd']) await fill(history, id, [MARKER])
    const { archived, failed, cause } = await expired()
    expect(archived.map(({ conversation }) => conversation.conversation_id).toSorted()).toEqual(['a', 'd'])
    expect(failed).toBe(2)
    expect(String(cause)).toMatch(/away/)
    expect([...objects.keys()].map((key) => key.split('/')[1])).toEqual(['a', 'd'])
  })

  it('takes an object that is stored in part for a failure', async () => {
    const { history, expired } = setUp(
      {},
      bucketOf(undefined, (bytes) => bytes - 1),
    )
    await fill(history, 'c', [MARKER])
    expect(await expired()).toMatchObject({ archived: [], failed: 1 })
  })

  describe('when its time is over', () => {
    /** So many looks at the clock find time left. */
    const looks = (left: number) => () => left-- > 0

    it('leaves the conversations that it has not begun with, of which there is one at least', async () => {
      const { history, expired } = setUp()
      for (let n = 0; n < 9; n++) await fill(history, `c${n}`, [MARKER])
      const { archived, unfinished, failed } = await expired(looks(2))
      expect(archived).toHaveLength(unfinished ?? 0)
      expect(unfinished).toBeGreaterThanOrEqual(4)
      expect(unfinished).toBeLessThan(9)
      expect(failed).toBe(0)
      expect(await expired(() => false)).toMatchObject({ unfinished: 4, events: 4 })
    })

    it('ends within a conversation, and tells as far as all of it is stored', async () => {
      const { history, expired, objects } = setUp()
      const note = 'x'.repeat(1_500_000)
      const texts = [1, 2, 3, 4].map((n) => JSON.stringify({ event_id: `e${n}`, note }))
      const heads = texts.map((_, n) =>
        JSON.stringify({ event_id: `e${n + 1}`, event_type: 'T', timestamp: '2026-01-01T00:00:00Z' }),
      )
      const times = [MARKER - 5, MARKER - 5, MARKER - 3, MARKER - 2]
      const segments = times.map((recorded_at, n) => ({ first_seq: n + 1, count: 1, recorded_at }))
      await history.append([{ tenant: 't', conversation_id: 'c', segments, heads: heads.join(), events: texts.join() }])
      // The second page may hold what was recorded with the last of the first, so there is no end between them.
      const first = await expired(() => false)
      expect(first).toMatchObject({ archived: [{ through: MARKER - 4 }], objects: 3, unfinished: 0 })
      await history.clearConversations('t', ['c'], first.archived[0]?.through ?? 0)
      expect(await expired()).toMatchObject({ archived: [{ through: MARKER }], objects: 2, unfinished: null })
      const seqs = [...objects.values()].flatMap(({ text }) => linesOf(text)).map(({ seq }) => seq)
      expect(new Set(seqs)).toEqual(new Set([1, 2, 3, 4]))
    })
  })
})
