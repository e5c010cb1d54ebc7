/** What an object tells its live readers, at first and after every append and clearing. */
export interface LiveNews {
  /** Changes with every clearing. */
  readonly epoch: number
  /** Everything up to here was cleared; 0 also where numbering has begun again. */
  readonly floor_seq: number
  /** Where the appended events begin. */
  readonly first_seq: number
  /** The conversation's head. */
  readonly last_seq: number
  /** The events from `first_seq` to `last_seq` as messages of a stream; empty where they have to be read. */
  readonly items: Uint8Array
}

const NUMBERS = 4
const HEADER_BYTES = NUMBERS * 8

/** One binary message: four little-endian float64, and the items as they go out. */
export function encodeNews({ epoch, floor_seq, first_seq, last_seq, items }: LiveNews): Uint8Array<ArrayBuffer> {
  const message = new Uint8Array(HEADER_BYTES + items.byteLength)
  const header = new DataView(message.buffer)
  for (const [place, number] of [epoch, floor_seq, first_seq, last_seq].entries()) header.setFloat64(place * 8, number, true)
  message.set(items, HEADER_BYTES)
  return message
}

export function decodeNews(message: ArrayBuffer): LiveNews {
  const header = new DataView(message)
  const [epoch, floor_seq, first_seq, last_seq] = Array.from({ length: NUMBERS }, (_, place) =>
    header.getFloat64(place * 8, true),
  ) as [number, number, number, number]
  return { epoch, floor_seq, first_seq, last_seq, items: new Uint8Array(message, HEADER_BYTES) }
}
