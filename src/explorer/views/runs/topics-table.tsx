import { Link } from 'wouter'
import type { ConversationList } from '../../../client/monitor/index.ts'
import { conversationPath } from '../../routing/paths.ts'
import { FamilyLabel } from '../../ui/badge/badge.tsx'
import { formatCount } from '../../ui/format.ts'
import { Table } from '../../ui/table/table.tsx'
import { RelativeTime } from '../../ui/time.tsx'
import { logName } from './model/log-ids.ts'
import styles from './runs.module.css'

/** Logs of events that belong to no workflow. A topic has several, so that no single one bounds what it takes. */
export function TopicsTable({ rows }: { readonly rows: ConversationList['items'] }) {
  return (
    <Table
      caption="Logs of topics"
      rows={rows}
      rowKey={(row) => row.conversation_id}
      columns={[
        { id: 'topic', header: 'Topic', grow: true, cell: ({ conversation_id: id }) => <TopicLink id={id} /> },
        { id: 'events', header: 'Events', align: 'end', cell: (row) => formatCount(row.event_count) },
        { id: 'first', header: 'First event', wideOnly: true, cell: ({ first_at: at }) => at && <RelativeTime at={at} /> },
        { id: 'last', header: 'Last event', align: 'end', cell: ({ last_at: at }) => at && <RelativeTime at={at} /> },
      ]}
    />
  )
}

function TopicLink({ id }: { readonly id: string }) {
  const name = logName(id)
  const [topic, log] = name?.kind === 'topic' ? [name.topic, ` log ${name.log}`] : [id, '']
  return (
    <Link href={conversationPath(id, { view: 'raw' })} className={styles.topic}>
      <FamilyLabel family="topic">{topic}</FamilyLabel>
      <span className={styles.quiet}>{log}</span>
    </Link>
  )
}
