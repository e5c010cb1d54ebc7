/** One message of an event stream. */
export interface StreamMessage {
  /** What `event:` said; empty where it said nothing. */
  readonly type: string
  /** Its lines, joined with LF. */
  readonly data: string
}

/** What outlives the connection. */
export interface StreamPlace {
  /** To go on from, as `Last-Event-ID`; empty for nowhere. */
  lastEventId: string
  /** Milliseconds that the server asks for before the stream is opened again; 0 where it did not. */
  retryMs: number
}

/** A field's name and, without one space before it, its value. A comment is a field without a name. */
const FIELD = /^([^:]*):? ?(.*)$/s

/**
 * Reads server-sent events from text in any pieces: HTML Living Standard, section 9.2.6. As in browsers a message without an
 * id keeps the one before, also that of an earlier connection. An id that no header could carry back is ignored.
 */
export class EventStreamReader {
  readonly #place: StreamPlace
  #id: string
  #type = ''
  #data = ''
  #line = ''
  #endedWithCr = false

  constructor(place: StreamPlace) {
    this.#place = place
    this.#id = place.lastEventId
  }

  /** Characters of the message that has begun. */
  get pending(): number {
    return this.#data.length + this.#line.length
  }

  /** The messages that end within the piece, to be taken to their end. The place is behind the last one taken. */
  *read(piece: string): Generator<StreamMessage, void, undefined> {
    if (piece === '') return
    let from = this.#endedWithCr && piece.startsWith('\n') ? 1 : 0
    this.#endedWithCr = piece.endsWith('\r')
    for (const { index, 0: lineEnd } of piece.matchAll(/\r\n?|\n/g)) {
      // The half of a line end whose other half came before.
      if (index < from) continue
      const line = this.#line + piece.slice(from, index)
      this.#line = ''
      from = index + lineEnd.length
      if (line === '') yield* this.#end()
      else this.#take(line)
    }
    this.#line += piece.slice(from)
  }

  #take(line: string): void {
    const [, name, value = ''] = FIELD.exec(line) ?? []
    if (name === 'data') this.#data += `${value}\n`
    else if (name === 'event') this.#type = value
    else if (name === 'id' && /^[ -~]*$/.test(value)) this.#id = value
    else if (name === 'retry' && /^\d+$/.test(value)) this.#place.retryMs = Number(value)
  }

  /** A message without data is none. */
  #end(): StreamMessage[] {
    const [type, data] = [this.#type, this.#data]
    this.#type = ''
    this.#data = ''
    this.#place.lastEventId = this.#id
    return data === '' ? [] : [{ type, data: data.slice(0, -1) }]
  }
}
