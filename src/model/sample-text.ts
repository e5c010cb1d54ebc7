const WORDS =
  'the elevation of an area extends from its eastern sector into high plains where rivers begin and rocks of several ages meet so a search for maps and surveys gives figures in feet or metres that differ by source and year'.split(
    ' ',
  )

/** About `length` characters of made-up prose, the same for the same random numbers. */
export function sampleText(length: number, random: () => number): string {
  let text = ''
  let sentence = 0
  while (text.length < length) {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? 'the'
    const starts = sentence === 0
    sentence = (sentence + 1) % 14
    text += `${starts ? `${word.charAt(0).toUpperCase()}${word.slice(1)}` : word}${sentence === 0 ? '. ' : ' '}`
  }
  return text.trimEnd()
}

/** An id as Graphite makes them: a UUID's 32 hex digits. */
export function sampleId(random: () => number): string {
  return Array.from({ length: 4 }, () =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
}

/** Random numbers in [0, 1) that are the same for the same seed (mulberry32). For samples, not for secrets. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
