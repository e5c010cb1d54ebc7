import { Link } from 'wouter'
import { conversationPath, runPath } from '../../routing/paths.ts'
import { FamilyLabel } from '../../ui/badge/badge.tsx'
import { formatCount, formatDuration } from '../../ui/format.ts'
import { type Column, Table } from '../../ui/table/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { logName } from '../runs/model/log-ids.ts'
import type { ConversationRow } from './each-once.ts'

const COLUMNS: readonly Column<ConversationRow>[] = [
  {
    id: 'id',
    header: 'Conversation',
    grow: true,
    cell: ({ conversation_id: id }) => (
      <Link href={pathOf(id)} title={id}>
        {id}
      </Link>
    ),
  },
  { id: 'kind', header: 'Kind', wideOnly: true, cell: ({ conversation_id: id }) => <Kind id={id} /> },
  { id: 'events', header: 'Events', align: 'end', cell: (row) => formatCount(row.event_count) },
  { id: 'first', header: 'Began', align: 'end', wideOnly: true, cell: ({ first_at: at }) => at && <RelativeTime at={at} /> },
  {
    id: 'span',
    header: 'Recorded over',
    align: 'end',
    wideOnly: true,
    cell: ({ first_at, last_at }) => formatDuration(Date.parse(last_at) - Date.parse(first_at)),
  },
  { id: 'last', header: 'Last event', align: 'end', cell: ({ last_at: at }) => at && <RelativeTime at={at} /> },
]

const WITHOUT_KINDS = COLUMNS.filter(({ id }) => id !== 'kind')

export interface ConversationsTableProps {
  readonly rows: readonly ConversationRow[]
  /** Whether there are several kinds to tell apart. */
  readonly hasKinds: boolean
}

export function ConversationsTable({ rows, hasKinds }: ConversationsTableProps) {
  return (
    <Table
      caption="Conversations"
      rows={rows}
      rowKey={(row) => row.conversation_id}
      columns={hasKinds ? COLUMNS : WITHOUT_KINDS}
    />
  )
}

function Kind({ id }: { readonly id: string }) {
  const log = logName(id)
  if (log === null) return <FamilyLabel family="assistant">Agent</FamilyLabel>
  return log.kind === 'run' ? (
    <FamilyLabel family="workflow">Workflow run</FamilyLabel>
  ) : (
    <FamilyLabel family="topic">Topic</FamilyLabel>
  )
}

function pathOf(id: string): string {
  const log = logName(id)
  if (log?.kind === 'run') return runPath(log.run)
  return conversationPath(id, log ? { view: 'raw' } : {})
}
