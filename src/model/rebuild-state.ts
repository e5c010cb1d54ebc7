import { eventOf, type StoredEvent } from './stored-event.ts'

/**
 * Folds events into a state: the reducer gets the state so far and the next event, and returns the next state.
 *
 * The events are taken in the order in which they are given, and the stores give them in the order of recording. Sorting
 * them by `timestamp` would be wrong: that is the clock of whoever made the event, which differs from machine to machine,
 * while the order of recording is one and the same for every reader of a conversation.
 * An error that the reducer throws ends the fold. Of what the client's iterators give, the reducer gets the event.
 */
export function rebuildState<State, E>(
  events: Iterable<StoredEvent<E>>,
  reducer: (state: State, event: E) => State,
  initial: State,
): State
export function rebuildState<State, E>(
  events: AsyncIterable<StoredEvent<E>>,
  reducer: (state: State, event: E) => State,
  initial: State,
): Promise<State>
export function rebuildState<State, E>(events: Iterable<E>, reducer: (state: State, event: E) => State, initial: State): State
export function rebuildState<State, E>(
  events: AsyncIterable<E>,
  reducer: (state: State, event: E) => State,
  initial: State,
): Promise<State>
export function rebuildState<State, E>(
  events: Iterable<E> | AsyncIterable<E>,
  reducer: (state: State, event: E) => State,
  initial: State,
): State | Promise<State> {
  if (Symbol.asyncIterator in events) return rebuildAsync(events, reducer, initial)
  let state = initial
  for (const event of events) state = reducer(state, eventOf(event) as E)
  return state
}

async function rebuildAsync<State, E>(
  events: AsyncIterable<E>,
  reducer: (state: State, event: E) => State,
  initial: State,
): Promise<State> {
  let state = initial
  for await (const event of events) state = reducer(state, eventOf(event) as E)
  return state
}
