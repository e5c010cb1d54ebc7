import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Admission, admit } from '../../src/conversation/admission.ts'
import { DedupeIndex, META_WORDS } from '../../src/conversation/dedupe-index.ts'

/** An id and a content, both small numbers. */
type Item = readonly [id: number, content: number]

function metaOf(items: readonly Item[]): Uint32Array {
  return Uint32Array.from(items.flatMap(([id, content]) => [id % 3, id, content, 0, 10]))
}

function indexOf(items: readonly Item[], base = 0): DedupeIndex {
  const index = new DedupeIndex(base)
  index.pushAll(metaOf(items), META_WORDS)
  return index
}

function ask(
  items: readonly Item[],
  stored: readonly Item[],
  options: { expected_seq?: number; on_conflict?: 'report' | 'reject'; base?: number } = {},
): Admission {
  const { expected_seq, on_conflict = 'report', base = 0 } = options
  return admit({ meta: metaOf(items), expected_seq, on_conflict }, indexOf(stored, base), base + stored.length)
}

describe('admission', () => {
  it('numbers what is new after the head', () => {
    const admission = ask(
      [
        [7, 1],
        [8, 1],
      ],
      [
        [1, 1],
        [2, 1],
      ],
    )
    expect(admission).toEqual({
      outcome: 'admitted',
      fresh: [0, 1],
      duplicates: 0,
      conflicts: [],
      first_seq: 3,
      last_seq: 4,
      through_seq: 4,
    })
  })

  it('takes an id that comes twice in a batch once', () => {
    expect(
      ask(
        [
          [7, 1],
          [7, 1],
          [8, 1],
        ],
        [],
      ),
    ).toMatchObject({ fresh: [0, 2], duplicates: 1, first_seq: 1, last_seq: 2 })
  })

  it('names the second content of an id within a batch as a conflict', () => {
    expect(
      ask(
        [
          [7, 1],
          [7, 2],
        ],
        [],
      ),
    ).toMatchObject({ fresh: [0], duplicates: 0, conflicts: [1] })
  })

  it('tells a repeat from a conflict by the content', () => {
    const admission = ask(
      [
        [1, 1],
        [2, 9],
      ],
      [
        [1, 1],
        [2, 1],
      ],
    )
    expect(admission).toMatchObject({ fresh: [], duplicates: 1, conflicts: [1], first_seq: 1, last_seq: 1 })
  })

  it('tells as far as which seq its ids stand, where the first version of a conflict does too', () => {
    const stored = [1, 2, 3].map((id): Item => [id, 1])
    expect(ask([[2, 9]], stored)).toMatchObject({ first_seq: 0, last_seq: 0, through_seq: 2 })
    const repeatAndConflict: Item[] = [
      [1, 1],
      [3, 9],
      [2, 9],
    ]
    expect(ask(repeatAndConflict, stored)).toMatchObject({ first_seq: 1, last_seq: 1, through_seq: 3 })
    expect(ask([], stored)).toMatchObject({ through_seq: 0 })
  })

  it('gives a repeated batch the range of its first answer', () => {
    const stored: Item[] = [
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
    ]
    expect(
      ask(
        [
          [2, 1],
          [3, 1],
        ],
        stored,
      ),
    ).toMatchObject({ fresh: [], duplicates: 2, first_seq: 2, last_seq: 3 })
  })

  it('gives a batch of old and new events the range over both', () => {
    expect(
      ask(
        [
          [9, 1],
          [1, 1],
        ],
        [
          [1, 1],
          [2, 1],
        ],
      ),
    ).toMatchObject({ fresh: [0], duplicates: 1, first_seq: 1, last_seq: 3 })
  })

  it('gives no range when everything is a conflict', () => {
    expect(ask([[1, 2]], [[1, 1]])).toMatchObject({ fresh: [], conflicts: [0], first_seq: 0, last_seq: 0 })
  })

  it('refuses a whole batch for one conflict on demand', () => {
    expect(
      ask(
        [
          [9, 1],
          [1, 2],
        ],
        [[1, 1]],
        { on_conflict: 'reject' },
      ),
    ).toEqual({ outcome: 'conflict', conflicts: [1] })
  })

  it('refuses new events of a writer that does not know the head', () => {
    const refusal = { outcome: 'wrong-expected-seq', expected_seq: 0, head_seq: 1 }
    expect(ask([[9, 1]], [[1, 1]], { expected_seq: 0 })).toEqual(refusal)
    expect(ask([[9, 1]], [[1, 1]], { expected_seq: 1 })).toMatchObject({ outcome: 'admitted', fresh: [0] })
    expect(ask([[9, 1]], [], { expected_seq: 0 })).toMatchObject({ outcome: 'admitted', fresh: [0] })
  })

  it('lets a repeat pass whatever head its writer expects', () => {
    expect(
      ask(
        [[1, 1]],
        [
          [1, 1],
          [2, 1],
        ],
        { expected_seq: 0 },
      ),
    ).toMatchObject({ outcome: 'admitted', fresh: [], duplicates: 1 })
  })

  it('lets no event in under an old head because the batch also repeats one', () => {
    expect(
      ask(
        [
          [1, 1],
          [9, 1],
        ],
        [[1, 1]],
        { expected_seq: 0 },
      ),
    ).toMatchObject({ outcome: 'wrong-expected-seq' })
  })

  it('goes on counting where a clearing has left the log', () => {
    expect(
      ask(
        [
          [5, 1],
          [1, 1],
        ],
        [[1, 1]],
        { base: 40 },
      ),
    ).toMatchObject({ fresh: [0], first_seq: 41, last_seq: 42 })
  })

  it('decides as a plain map of ids does', () => {
    const item = fc.tuple(fc.nat(7), fc.nat(2)) as fc.Arbitrary<Item>
    const batches = fc.array(
      fc.record({
        items: fc.array(item, { minLength: 1, maxLength: 8 }),
        on_conflict: fc.constantFrom('report' as const, 'reject' as const),
        expected_seq: fc.option(fc.nat(8), { nil: undefined }),
      }),
      { maxLength: 8 },
    )
    fc.assert(
      fc.property(batches, fc.nat(3), (all, base) => {
        const index = new DedupeIndex(base)
        const model = new Map<number, { seq: number; content: number }>()
        let head = base
        for (const { items, on_conflict, expected_seq } of all) {
          const expected = decide(items, model, head, on_conflict, expected_seq)
          const actual = admit({ meta: metaOf(items), on_conflict, expected_seq }, index, head)
          expect(actual).toEqual(expected)
          if (expected.outcome !== 'admitted') continue
          for (const place of expected.fresh) {
            const [id, content] = items[place] as Item
            head += 1
            model.set(id, { seq: head, content })
            index.push(id % 3, id, content, 0)
          }
        }
      }),
    )
  })
})

function decide(
  items: readonly Item[],
  model: ReadonlyMap<number, { seq: number; content: number }>,
  head: number,
  onConflict: 'report' | 'reject',
  expectedSeq: number | undefined,
): Admission {
  const known = new Map(model)
  const fresh: number[] = []
  const conflicts: number[] = []
  const seqs: number[] = []
  const conflictSeqs: number[] = []
  let duplicates = 0
  items.forEach(([id, content], place) => {
    const earlier = known.get(id)
    if (!earlier) {
      fresh.push(place)
      known.set(id, { seq: head + fresh.length, content })
      seqs.push(head + fresh.length)
    } else if (earlier.content === content) {
      duplicates += 1
      seqs.push(earlier.seq)
    } else {
      conflicts.push(place)
      conflictSeqs.push(earlier.seq)
    }
  })
  if (onConflict === 'reject' && conflicts.length > 0) return { outcome: 'conflict', conflicts }
  if (fresh.length + conflicts.length > 0 && expectedSeq !== undefined && expectedSeq !== head) {
    return { outcome: 'wrong-expected-seq', expected_seq: expectedSeq, head_seq: head }
  }
  const none = seqs.length === 0
  return {
    outcome: 'admitted',
    fresh,
    duplicates,
    conflicts,
    first_seq: none ? 0 : Math.min(...seqs),
    last_seq: none ? 0 : Math.max(...seqs),
    through_seq: Math.max(0, ...seqs, ...conflictSeqs),
  }
}
