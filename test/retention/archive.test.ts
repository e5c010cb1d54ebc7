import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type Forward, forwardNothing, type Outbox } from '../../src/ingest/drain.ts'
import { type ArchiveBucket, archiveIn } from '../../src/retention/archive.ts'
import { InMemoryHistory } from '../../src/store/in-memory/history.ts'
import { brokenOutbox, FakeOutbox } from '../ingest/fakes.ts'
import { fill, type Line, MARKER } from './fakes.ts'

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

/** Puts events of 1.5 MB into a conversation, so that each has an object to itself. */
async function fillLarge(history: InMemoryHistory, id: string, times: readonly number[]): Promise<void> {
  const note = 'x'.repeat(1_500_000)
  const texts = times.map((_, n) => JSON.stringify({ event_id: `${id}${n + 1}`, note }))
  const heads = times.map((_, n) =>
    JSON.stringify({ event_id: `${id}${n + 1}`, event_type: 'T', timestamp: '2026-01-01T00:00:00Z' }),
  )
  const segments = times.map((recorded_at, n) => ({ first_seq: n + 1, count: 1, recorded_at }))
  await history.append([{ tenant: 't', conversation_id: id, segments, heads: heads.join(), events: texts.join() }])
}

function setUp(outboxes: Record<string, Outbox> = {}, bucket = bucketOf(), forward: Forward = forwardNothing) {
  const history = new InMemoryHistory()
  const lines: Line[] = []
  const log = (level: Line['level'], message: string, fields?: Line['fields']) => void lines.push({ level, message, fields })
  const conversation = ({ conversation_id }: { conversation_id: string }) => outboxes[conversation_id] ?? empty
  const archive = archiveIn({ history, forward, conversation, bucket: bucket.bucket, log })
  const expired = async (goOn = () => true) => archive(await history.expiredConversations(MARKER, null, 100), MARKER, goOn)
  return { history, expired, objects: bucket.objects, lines }
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

  it('says which event of those the history would not take in its place', async () => {
    const { history, expired, objects, lines } = setUp({ c: new FakeOutbox('c', [[{ event_id: 'x', note: 'other' }]]) })
    await fill(history, 'c', [MARKER])
    await history.append([
      {
        ...{ tenant: 't', conversation_id: 'other', segments: [{ first_seq: 1, count: 1, recorded_at: MARKER + 1 }] },
        heads: JSON.stringify({ event_id: 'x', event_type: 'T', timestamp: '2026-01-01T00:00:00Z' }),
        events: '{"event_id":"x"}',
      },
    ])
    await expired()
    expect(lines).toMatchObject([{ level: 'error', fields: { conversation_id: 'c', event_id: 'x' } }])
    expect(objects.size).toBe(1)
  })

  it('leaves for the next pass what could not be passed on', async () => {
    const outbox = new FakeOutbox('c', [[{ event_id: 'late' }]])
    const forward: Forward = async () => ({ refused: [{ place: 0, events: 1 }], cause: new Error('the queue is away') })
    const { history, expired, objects } = setUp({ c: outbox }, bucketOf(), forward)
    await fill(history, 'd', [MARKER])
    await history.quarantine({
      ...{ tenant: 't', conversation_id: 'c', seq: 9, recorded_at: MARKER, event_id: 'q' },
      ...{ code: '22P02', reason: 'refused', event: '{}' },
    })
    const { archived, failed, cause } = await expired()
    expect(archived.map(({ conversation }) => conversation.conversation_id)).toEqual(['d'])
    expect([failed, String(cause)]).toEqual([1, 'Error: the queue is away'])
    expect(objects.size).toBe(1)
  })

  it('gets what is past its term behind what is not, where a clock stepped back', async () => {
    const { history, expired, objects } = setUp()
    await fillLarge(history, 'c', [MARKER + 2, MARKER + 1, MARKER - 1, MARKER, MARKER + 1])
    expect(await expired()).toMatchObject({ archived: [{ through: MARKER }], events: 2, objects: 2 })
    expect([...objects.values()].flatMap(({ text }) => linesOf(text)).map(({ seq }) => seq)).toEqual([3, 4])
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
    expect([...objects.keys()].map((key) => key.split('/')[1]).toSorted()).toEqual(['a', 'd'])
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
      await fillLarge(history, 'c', [MARKER - 5, MARKER - 5, MARKER - 3, MARKER - 2])
      // The second page may hold what was recorded with the last of the first, so there is no end between them.
      const first = await expired(() => false)
      expect(first).toMatchObject({ archived: [{ through: MARKER - 4 }], objects: 3, unfinished: 0 })
      await history.clearConversations('t', ['c'], first.archived[0]?.through ?? 0)
      expect(await expired()).toMatchObject({ archived: [{ through: MARKER }], objects: 2, unfinished: null })
      const seqs = [...objects.values()].flatMap(({ text }) => linesOf(text)).map(({ seq }) => seq)
      expect(new Set(seqs)).toEqual(new Set([1, 2, 3, 4]))
    })

    it('clears nothing of a conversation in which it has found nothing past its term yet', async () => {
      const { history, expired } = setUp()
      await fillLarge(history, 'c', [MARKER + 2, MARKER + 1, MARKER])
      expect(await expired(() => false)).toMatchObject({ archived: [], failed: 1 })
    })

    it('goes on later with a conversation whose object has more than that', async () => {
      const note = 'x'.repeat(1024 * 1024)
      const outbox = new FakeOutbox(
        'c',
        Array.from({ length: 12 }, (_, n) => [{ event_id: `e${n}`, note }]),
      )
      const { history, expired, objects } = setUp({ c: outbox })
      await history.quarantine({
        ...{ tenant: 't', conversation_id: 'c', seq: 99, recorded_at: MARKER, event_id: 'q' },
        ...{ code: '22P02', reason: 'refused', event: '{}' },
      })
      expect(await expired(() => false)).toMatchObject({ archived: [], failed: 0, unfinished: 0 })
      expect(objects.size).toBe(0)
      expect(outbox.persisted).toBeGreaterThan(0)
      expect(outbox.persisted).toBeLessThan(12)
      expect(await expired()).toMatchObject({ archived: [{ through: MARKER }], unfinished: null })
      expect(outbox.persisted).toBe(12)
    })
  })
})
