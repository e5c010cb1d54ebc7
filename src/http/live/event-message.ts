/** A message of a stream of server-sent events (WHATWG HTML, section 9.2). */
export interface EventMessage {
  readonly event: string
  /** Where a reader that lost its connection goes on. Without line breaks. */
  readonly id?: string | undefined
  readonly data: string
}

/** Opens a stream: how long a browser waits before it comes again, in milliseconds. */
export const OPENING = 'retry: 1000\n\n'

/** A comment, which clients pass over. */
export const HEARTBEAT = ': heartbeat\n\n'

const LINE_BREAK = /\r\n|\r|\n/

/** The text of one message. Each line of its data stands on a line of its own, so all line breaks arrive as line feeds. */
export function eventMessage({ event, id, data }: EventMessage): string {
  const lines = LINE_BREAK.test(data) ? data.split(LINE_BREAK).join('\ndata: ') : data
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${lines}\n\n`
}

/** An item of a page, as its JSON text. */
export function itemMessage(cursor: string, item: string): string {
  return eventMessage({ event: 'event', id: cursor, data: item })
}

/** The reader has all that there is. With `resume` a reader that comes again goes on from here, too, not from its last item. */
export function upToDateMessage(cursor: string, resume: boolean): string {
  return eventMessage({ event: 'up-to-date', id: resume ? cursor : undefined, data: JSON.stringify({ cursor }) })
}

/** The last message of a stream that failed: problem details. */
export function errorMessage(problem: object): string {
  return eventMessage({ event: 'error', data: JSON.stringify(problem) })
}
