import { describe, expect, it } from 'vitest'
import { retentionMarker } from '../../src/model/retention.ts'
import type { ArchiveConversations } from '../../src/retention/archive.ts'
import { beginRetention, continueRetention, type RetentionDeps } from '../../src/retention/retain.ts'
import { DAYS, fill, MARKER, messageOf, NOW, setUp } from './fakes.ts'

const OLD = MARKER - 1_000
const away = async () => {
  throw new Error('Postgres is away')
}

describe('a retention pass', () => {
  it('has a notice sent for each conversation, of whichever tenant, that has an event past its term', async () => {
    const { deps, history, notices, turns, lines } = setUp()
    await fill(history, 'old', [OLD, OLD + 1])
    await fill(history, 'partly', [MARKER, MARKER + 1])
    await fill(history, 'young', [MARKER + 1])
    await fill(history, 'topic:t:01', [OLD], 'u')
    await beginRetention(deps)
    expect(notices).toEqual(
      [
        { tenant: 't', conversation_id: 'old' },
        { tenant: 'u', conversation_id: 'topic:t:01' },
        { tenant: 't', conversation_id: 'partly' },
      ].map((one) => ({ ...one, cleared_through: MARKER, history: 'expired' })),
    )
    expect(turns).toEqual([])
    const message = 'found conversations with events past their term'
    expect(lines).toEqual([{ level: 'info', message, fields: { conversations: 3, more: false, ms: 0 } }])
  })

  it('does nothing where there is no term, and says nothing where nothing is past it', async () => {
    const without = setUp({ days: null })
    await fill(without.history, 'old', [OLD])
    await beginRetention(without.deps)
    await continueRetention(messageOf({ expired_by: MARKER, after: null }), without.deps)
    expect([without.notices, without.lines]).toEqual([[], []])

    const young = setUp()
    await fill(young.history, 'young', [MARKER + 1])
    await beginRetention(young.deps)
    expect([young.notices, young.lines, young.turns]).toEqual([[], [], []])
  })

  it('removes what clearings left empty, without a term after thirty days', async () => {
    for (const [days, known] of [
      [null, 30],
      [7, 7],
    ] as const) {
      const { deps } = setUp({ days })
      const markers: number[] = []
      const dropEmptied = async (marker: number) => {
        markers.push(marker)
        return { conversations: 0, partitions: 0, kept: [] }
      }
      await beginRetention({ ...deps, history: { ...deps.history, expiredConversations: async () => [], dropEmptied } })
      expect(markers).toEqual([retentionMarker(NOW, known)])
    }
  })

  it('goes on in turns until each conversation had its notice, once', async () => {
    const { deps, history, notices, turns } = setUp()
    const ids = Array.from({ length: 2_345 }, (_, n) => `c${n}`)
    for (const [n, id] of ids.entries()) await fill(history, id, [OLD - (n % 7)])
    await beginRetention(deps)
    expect(notices).toHaveLength(1_000)
    for (let turn = turns.shift(); turn; turn = turns.shift()) await continueRetention(messageOf(turn), deps)
    expect(notices.map(({ conversation_id }) => conversation_id).toSorted()).toEqual(ids.toSorted())
  }, 60_000)

  it('ends a turn when its time is over, and goes on where it was', async () => {
    const { deps, history, notices, turns, clock } = setUp()
    for (let n = 0; n < 150; n++) await fill(history, `c${n}`, [OLD])
    const notify: typeof deps.notify = async (sent) => {
      clock.now += 20_000
      await deps.notify(sent)
    }
    await beginRetention({ ...deps, notify })
    expect(notices).toHaveLength(100)
    for (const turn of turns) await continueRetention(messageOf(turn), deps)
    expect(new Set(notices.map(({ conversation_id }) => conversation_id)).size).toBe(150)
    expect(notices).toHaveLength(150)
  })

  it('finds again what an earlier pass had notices sent for that were lost', async () => {
    const { deps, history, notices } = setUp()
    await fill(history, 'old', [OLD])
    await beginRetention(deps)
    await beginRetention(deps)
    expect(notices).toHaveLength(2)
    await history.clearConversations('t', ['old'], MARKER)
    await beginRetention(deps)
    expect(notices).toHaveLength(2)
  })

  it('ends without a word where another day has begun, or the term is another', async () => {
    const { deps, history, notices, lines } = setUp()
    await fill(history, 'old', [OLD])
    const message = messageOf({ expired_by: MARKER, after: null })
    await continueRetention(message, { ...deps, now: () => NOW + 86_400_000 })
    await continueRetention(message, { ...deps, days: DAYS + 1 })
    expect([notices, lines, message.retries]).toEqual([[], [], []])
    await continueRetention(message, deps)
    expect(notices).toHaveLength(1)
  })

  it('never fails while Postgres or the queue is away, and says so', async () => {
    for (const failing of ['expiredConversations', 'notify'] as const) {
      const { deps, history, lines } = setUp()
      await fill(history, 'old', [OLD])
      const broken = failing === 'notify' ? { ...deps, notify: away } : { ...deps, history: brokenHistory(history) }
      await beginRetention(broken)
      const message = messageOf({ expired_by: MARKER, after: null })
      await continueRetention(message, broken)
      expect(lines.map(({ level, message }) => [level, message])).toEqual([
        ['warn', 'what is past its term could not be looked for; the next pass does it'],
        ['warn', 'a retention pass could not go on; it is retried'],
      ])
      expect(message.retries).toEqual([1])
    }
  })

  it('names what is empty and cannot be dropped', async () => {
    const kept = [{ name: 'events_2021_03', because: 'view report depends on table events_2021_03' }]
    const { deps, history, lines } = setUp({ days: null })
    await beginRetention({
      ...deps,
      history: {
        expiredConversations: history.expiredConversations.bind(history),
        dropEmptied: async () => ({ conversations: 0, partitions: 0, kept }),
      },
    })
    const message = 'empty partitions could not be dropped: something depends on them'
    expect(lines).toEqual([{ level: 'warn', message, fields: { partitions: 1, cause: kept[0]?.because } }])
  })

  it('looks for what is past its term though what is empty cannot be dropped', async () => {
    const { deps, history, notices, lines } = setUp()
    await fill(history, 'old', [OLD])
    const { expiredConversations } = history
    const partly = { dropEmptied: away, expiredConversations: expiredConversations.bind(history) }
    await beginRetention({ ...deps, history: partly })
    expect(notices).toHaveLength(1)
    expect(lines[0]).toMatchObject({ level: 'warn', fields: { cause: expect.stringContaining('away') } })
  })
})

describe('a retention pass with an archive', () => {
  const archiving =
    (isStored: (id: string) => boolean): ArchiveConversations =>
    async (conversations, marker) => {
      const stored = conversations.filter(({ conversation_id }) => isStored(conversation_id))
      const archived = stored.map((conversation) => ({ conversation, through: marker }))
      const failed = conversations.length - archived.length
      const cause = failed > 0 ? new Error('away') : null
      return { archived, events: archived.length, objects: archived.length, failed, cause, unfinished: null }
    }

  /** Has time for so many of those that it is given. */
  const inParts =
    (size: number, isStored: (id: string) => boolean): ArchiveConversations =>
    async (conversations, ...rest) => {
      const result = await archiving(isStored)(conversations.slice(0, size), ...rest)
      return { ...result, unfinished: conversations.length > size ? size : null }
    }

  it('has only those cleared that are archived', async () => {
    const { deps, history, notices, lines } = setUp({ archive: archiving((id) => id !== 'b') })
    for (const id of ['a', 'b', 'c']) await fill(history, id, [OLD])
    await beginRetention(deps)
    expect(notices.map(({ conversation_id }) => conversation_id)).toEqual(['a', 'c'])
    expect(lines).toMatchObject([
      { level: 'info', fields: { conversations: 3, events: 2, objects: 2, failed: 1, more: false } },
      { level: 'warn', fields: { conversations: 1, cause: 'Error: away' } },
    ])
  })

  it('ends where the archive takes nothing, and clears nothing', async () => {
    const asked: number[] = []
    const archive: ArchiveConversations = (conversations, ...rest) => {
      asked.push(conversations.length)
      return archiving(() => false)(conversations, ...rest)
    }
    const { deps, history, notices, turns } = setUp({ archive })
    for (let n = 0; n < 250; n++) await fill(history, `c${n}`, [OLD])
    await beginRetention(deps)
    expect([asked, notices, turns]).toEqual([[100], [], []])
  })

  it('goes on behind those that fail while the time is over', async () => {
    const archive = inParts(4, (id) => Number(id.slice(1)) >= 4)
    const { deps, history, notices, turns } = setUp({ archive })
    const ids = Array.from({ length: 12 }, (_, n) => `c${String(n).padStart(2, '0')}`)
    for (const [n, id] of ids.entries()) await fill(history, id, [OLD + n])
    await beginRetention(deps)
    expect([notices, turns.length]).toEqual([[], 1])
    for (let turn = turns.shift(); turn; turn = turns.shift()) await continueRetention(messageOf(turn), deps)
    expect(notices.map(({ conversation_id }) => conversation_id)).toEqual(ids.slice(4))
  })

  it('takes an archive for away that refuses a hundred in turn, however slowly', async () => {
    let asked = 0
    const slow = inParts(4, () => false)
    const archive: ArchiveConversations = (...given) => {
      asked += 1
      return slow(...given)
    }
    const { deps, history, notices, turns } = setUp({ archive })
    for (let n = 0; n < 250; n++) await fill(history, `c${n}`, [OLD])
    await beginRetention(deps)
    for (let turn = turns.shift(); turn; turn = turns.shift()) await continueRetention(messageOf(turn), deps)
    expect([asked, notices]).toEqual([25, []])
  })

  it('leaves what it archived in part to the next pass while that is not cleared', async () => {
    const asked: string[][] = []
    const archive: ArchiveConversations = async (conversations, marker) => {
      asked.push(conversations.map(({ conversation_id }) => conversation_id))
      const place = conversations.findIndex(({ conversation_id }) => conversation_id === 'large')
      return {
        archived: conversations.map((conversation, n) => ({ conversation, through: n === place ? OLD : marker })),
        ...{ events: 1, objects: 1, failed: 0, cause: null },
        unfinished: place === -1 ? null : place,
      }
    }
    const { deps, history, turns } = setUp({ archive })
    await fill(history, 'large', [OLD, MARKER])
    await fill(history, 'z', [OLD + 1])
    await beginRetention(deps)
    expect(turns).toHaveLength(1)
    for (let turn = turns.shift(); turn; turn = turns.shift()) await continueRetention(messageOf(turn), deps)
    expect(asked).toEqual([['large', 'z'], ['z']])
    // Where it is cleared meanwhile, the pass finds what is left of it.
    asked.length = 0
    await beginRetention(deps)
    await history.clearConversations('t', ['large'], OLD)
    const [turn] = turns.splice(0)
    await continueRetention(messageOf(turn as NonNullable<typeof turn>), deps)
    expect(asked.flat().filter((id) => id === 'large')).toHaveLength(2)
  })

  it('goes on with what it had no time for, a part of a conversation too', async () => {
    const archive: ArchiveConversations = async (conversations, marker) => ({
      archived: conversations
        .slice(0, 3)
        .map((conversation, place) => ({ conversation, through: conversations.length > 3 && place === 2 ? OLD + 2 : marker })),
      ...{ events: 3, objects: 3, failed: 0, cause: null },
      unfinished: conversations.length > 3 ? 2 : null,
    })
    const { deps, history, notices, turns } = setUp({ archive })
    for (let n = 0; n < 5; n++) await fill(history, `c${n}`, [OLD + n, MARKER])
    await beginRetention(deps)
    expect(turns).toMatchObject([{ expired_by: MARKER, after: { conversation_id: 'c1' } }])
    expect(notices.map(({ conversation_id, cleared_through }) => [conversation_id, cleared_through])).toEqual([
      ['c0', MARKER],
      ['c1', MARKER],
      ['c2', OLD + 2],
    ])
    await history.clearConversations('t', ['c2'], OLD + 2)
    for (let turn = turns.shift(); turn; turn = turns.shift()) await continueRetention(messageOf(turn), deps)
    const whole = notices.filter(({ cleared_through }) => cleared_through === MARKER)
    expect(whole.map(({ conversation_id }) => conversation_id)).toEqual(['c0', 'c1', 'c3', 'c4', 'c2'])
  })
})

function brokenHistory(history: { dropEmptied: RetentionDeps['history']['dropEmptied'] }) {
  return { dropEmptied: history.dropEmptied, expiredConversations: away }
}
