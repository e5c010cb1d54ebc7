/** Deals cards, of each so many, shuffled, and anew each time that all are dealt: chance without runs of luck. */
export function deal<T>(deck: readonly (readonly [card: T, count: number])[], random: () => number): () => T {
  let cards: T[] = []
  return () => {
    if (cards.length === 0) {
      const sorted = deck.flatMap(([card, count]) => Array.from({ length: count }, () => ({ card, at: random() })))
      cards = sorted.toSorted((a, b) => a.at - b.at).map(({ card }) => card)
    }
    return cards.pop() as T
  }
}
