import fc from 'fast-check'
import { expect, inject, it } from 'vitest'
import { type Command, command, TENANTS } from './commands.ts'
import { RealStore } from './real-store.ts'
import { StoreModel } from './store-model.ts'

/** Commands of one run at most. */
const LONGEST = 40

/** A run takes a tenth of a second. */
const { runs: RUNS, seed } = inject('model')

/** Every run has tenants of its own, so that a repeated or shrunk one begins with nothing. */
let runs = 0

const nameOf = (conversation: number) => `conversation-${conversation}`

async function play(commands: readonly Command[]): Promise<void> {
  runs += 1
  const tenants = Array.from({ length: TENANTS }, (_, i) => ({
    model: new StoreModel(),
    store: new RealStore(`run-${runs}-tenant-${i}`),
  }))
  for (const one of commands) await perform(one, tenants[one.tenant] as (typeof tenants)[number])
  for (const { model, store } of tenants) {
    for (const conversation of model.conversations) await drain(model, store, [conversation], 'none')
    for (const conversation of model.conversations) await compare(model, store, conversation, 1000, 0)
    await store.follow(1000)
    expect(store.seen).toEqual([...model.history.values()].map(({ event }) => event))
  }
}

interface Tenant {
  readonly model: StoreModel
  readonly store: RealStore
}

async function perform(one: Command, { model, store }: Tenant): Promise<void> {
  switch (one.do) {
    case 'append': {
      const conversation = nameOf(one.conversation)
      const head = model.head(conversation)
      const expected_seq = { any: undefined, right: head, wrong: head + 1 }[one.expected]
      const request = { events: one.events, expected_seq, on_conflict: one.on_conflict }
      expect(await store.append(conversation, request)).toEqual(model.append(conversation, request))
      return
    }
    case 'drain':
      return drain(model, store, one.conversations.map(nameOf), one.fault)
    case 'trim':
      // What is not confirmed must stay, however old it is.
      if (one.drained) await drain(model, store, [nameOf(one.conversation)], 'none')
      return store.trim(nameOf(one.conversation))
    case 'evict':
      return store.evict(nameOf(one.conversation))
    case 'read':
      return compare(model, store, nameOf(one.conversation), one.limit, one.after)
    case 'follow':
      await store.follow(one.limit)
      expect(store.seen).toEqual([...model.history.values()].map(({ event }) => event))
      return
    case 'clear': {
      const told = await store.clear(model.conversations, one.tellUnknown)
      return model.clear((conversation) => told.has(conversation))
    }
    case 'clear-one': {
      await store.clearOne(nameOf(one.conversation), one.told)
      model.clearOne(nameOf(one.conversation), one.told)
      store.seen = store.seen.filter(({ id }) => model.history.has(id))
      return
    }
  }
}

async function drain(model: StoreModel, store: RealStore, conversations: readonly string[], fault: string): Promise<void> {
  await store.drain(conversations, fault as 'none')
  if (fault === 'refuses') return
  for (const conversation of conversations) model.write(conversation)
  if (fault === 'none') for (const conversation of conversations) model.confirm(conversation)
}

async function compare(model: StoreModel, store: RealStore, conversation: string, limit: number, after: number): Promise<void> {
  const { events, floor } = model.of(conversation)
  const expected = events.map((event, i) => ({ seq: floor + i + 1, event })).filter(({ seq }) => seq > after)
  expect(await store.read(conversation, limit, after)).toEqual(expected)
}

it('a store does what the model says, whatever fails, dies or is cleared in between', {
  timeout: 60_000 + 1_000 * RUNS,
}, async () => {
  console.log(`model-based test: MODEL_SEED=${seed} MODEL_RUNS=${RUNS}`)
  const property = fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: LONGEST, size: 'max' }), play)
  await fc.assert(property, { numRuns: RUNS, seed })
})
