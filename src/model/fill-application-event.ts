import { objectMembers, type TextRange } from './object-members.ts'

/** What an application event gets where its sender left it out. */
export interface ApplicationEventFill {
  readonly event_id: string
  /** Null when it is not known: then the member is left as it is. */
  readonly application_name: string | null
  /** Unix seconds, an integer. */
  readonly created_timestamp: number
  readonly topic_name: string
}

interface Edit extends TextRange {
  readonly text: string
}

type Wanted = readonly (readonly [name: string, json: string])[]

/**
 * The text of an application event with what its sender left out: `event_id`, and in `metadata` the rest. A member that is
 * there but null, empty, or (for `created_timestamp`) zero is replaced where it stands. All other text stays as it was sent.
 * `text` must be an event that `checkApplicationEvent` takes, begin with its brace, and have no two members of one name.
 */
export function fillApplicationEvent(text: string, fill: ApplicationEventFill): string {
  const metadata: Wanted = [
    ...(fill.application_name === null ? [] : [['application_name', JSON.stringify(fill.application_name)] as const]),
    ['created_timestamp', String(fill.created_timestamp)],
    ['topic_name', JSON.stringify(fill.topic_name)],
  ]
  const wholeMetadata = `{${metadata.map(([name, json]) => `"${name}":${json}`).join()}}`
  const members = objectMembers(text, 0)
  const edits = fillMembers(text, 0, members, [
    ['event_id', JSON.stringify(fill.event_id)],
    ['metadata', wholeMetadata],
  ])
  const sent = members.get('metadata')
  if (sent !== undefined && text[sent.start] === '{') {
    edits.push(...fillMembers(text, sent.start, objectMembers(text, sent.start), metadata))
  }
  return applyEdits(text, edits)
}

function fillMembers(text: string, open: number, members: ReadonlyMap<string, TextRange>, wanted: Wanted): Edit[] {
  const edits: Edit[] = []
  const added: string[] = []
  for (const [name, json] of wanted) {
    const sent = members.get(name)
    if (sent === undefined) added.push(`"${name}":${json}`)
    else if (saysNothing(name, text.slice(sent.start, sent.end))) edits.push({ ...sent, text: json })
  }
  if (added.length > 0) {
    edits.push({ start: open + 1, end: open + 1, text: `${added.join()}${members.size > 0 ? ',' : ''}` })
  }
  return edits
}

function saysNothing(name: string, json: string): boolean {
  return json === 'null' || json === '""' || (name === 'created_timestamp' && Number(json) === 0)
}

function applyEdits(text: string, edits: readonly Edit[]): string {
  let result = ''
  let from = 0
  for (const edit of edits.toSorted((a, b) => a.start - b.start)) {
    result += text.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return result + text.slice(from)
}
