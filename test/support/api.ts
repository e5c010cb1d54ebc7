import { cutElements } from '../../src/model/cut-elements.ts'

/** One stored event, its text as the service sent it. */
export interface TextItem {
  readonly seq: number
  readonly cursor: string
  readonly text: string
}

export interface TextPage {
  readonly items: readonly TextItem[]
  readonly next_cursor: string | null
}

/** A plain client of the HTTP API that never rewrites an event's text. */
export class Api {
  readonly url: string

  constructor(url: string) {
    this.url = url
  }

  post(body: string | Uint8Array<ArrayBuffer>, query = '', type = 'application/json'): Promise<Response> {
    return fetch(`${this.url}/v1/events${query}`, { method: 'POST', headers: { 'Content-Type': type }, body })
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.url}${path}`, { headers })
  }

  async json<T = Record<string, unknown>>(path: string): Promise<T> {
    const answer = await this.get(path)
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }

  async page(path: string, headers: Record<string, string> = {}): Promise<TextPage> {
    const answer = await this.get(path, headers)
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${text}`)
    return readPage(text)
  }

  /** Follows `next_cursor` to the end. */
  async all(path: string, query = ''): Promise<TextItem[]> {
    const items: TextItem[] = []
    let after: string | null = null
    do {
      const parameters: string[] = [query, after === null ? '' : `after=${after}`].filter((part) => part !== '')
      const page: TextPage = await this.page(`${path}?${parameters.join('&')}`)
      items.push(...page.items)
      after = page.next_cursor
    } while (after !== null)
    return items
  }

  async persisted(conversationId: string): Promise<boolean> {
    const { head_seq, persisted_seq } = await this.json<{ head_seq: number; persisted_seq: number }>(
      `/v1/conversations/${encodeURIComponent(conversationId)}`,
    )
    return head_seq === persisted_seq
  }
}

/** Takes a page apart around the events' own texts. */
export function readPage(text: string): TextPage {
  const { items, next_cursor } = JSON.parse(text) as { items: { seq: number; cursor: string }[]; next_cursor: string | null }
  if (items.length === 0) return { items: [], next_cursor }
  const texts = cutElements(text.slice('{"items":['.length, text.lastIndexOf('],"next_cursor":')))
  return {
    items: items.map(({ seq, cursor }, i) => {
      const item = texts[i] as string
      return { seq, cursor, text: item.slice(item.indexOf('"event":') + '"event":'.length, -1) }
    }),
    next_cursor,
  }
}
