import type { Fault } from '../../support/faulty-proxy.ts'
import { deal } from './deal.ts'

/** What happens to every 60 requests to the database, in an order that the seed chooses: every sixth or so fails. */
const DECK: readonly (readonly [Fault, number])[] = [
  ['none', 47],
  ['slow', 3],
  ['answer lost', 3],
  ['cut before', 2],
  ['answer torn', 1],
  ['500', 2],
  ['507', 1],
  ['429', 1],
]

/** Those that hold their caller for 15 seconds, in turn instead of every so many-th card. */
const STALLS: readonly Fault[] = ['stall', 'answer stalls']
const STALL_EVERY = 240

export function dealFaults(random: () => number, stallEvery = STALL_EVERY): () => Fault {
  const next = deal(DECK, random)
  let dealt = 0
  return () => {
    dealt += 1
    if (dealt % stallEvery === 0) return STALLS[(dealt / stallEvery) % STALLS.length] as Fault
    return next()
  }
}

/** How often each fault happened, the most frequent first. */
export function countFaults(seen: readonly Fault[]): (readonly [Fault, number])[] {
  const counts = new Map<Fault, number>()
  for (const fault of seen) counts.set(fault, (counts.get(fault) ?? 0) + 1)
  return [...counts].toSorted(([, a], [, b]) => b - a)
}
