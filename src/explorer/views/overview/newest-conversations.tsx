import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { ConversationList } from '../../../client/monitor/index.ts'
import { useClient } from '../../data/client.tsx'
import { conversationPath, PATHS } from '../../routing/paths.ts'
import { Badge } from '../../ui/badge/badge.tsx'
import { formatCount } from '../../ui/format.ts'
import { EmptyState } from '../../ui/states/states.tsx'
import { Table } from '../../ui/table/table.tsx'
import { RelativeTime, useNow } from '../../ui/time.tsx'
import { STATE_TONES, STATE_WORDS, stateOf } from '../conversation/header/state.ts'
import { readLastOutcome } from './last-outcome.ts'
import styles from './overview.module.css'

type Conversation = ConversationList['items'][number]

export function NewestConversations({ items }: { readonly items: readonly Conversation[] }) {
  if (items.length === 0) return <EmptyState title="No conversations yet">What assistants record appears here.</EmptyState>
  return (
    <>
      <Table
        caption="Newest conversations"
        rows={items}
        rowKey={(row) => row.conversation_id}
        columns={[
          {
            id: 'id',
            header: 'Conversation',
            grow: true,
            cell: ({ conversation_id: id }) => <Link href={conversationPath(id)}>{id}</Link>,
          },
          { id: 'state', header: 'State', cell: (row) => <ConversationState {...row} /> },
          { id: 'events', header: 'Events', align: 'end', wideOnly: true, cell: (row) => formatCount(row.event_count) },
          { id: 'last', header: 'Last event', align: 'end', cell: ({ last_at: at }) => at && <RelativeTime at={at} /> },
        ]}
      />
      <Link href={PATHS.conversations} className={styles.more}>
        All conversations
      </Link>
    </>
  )
}

/** From the last events alone; empty where these tell of no run, and where they cannot be read. */
function ConversationState({ conversation_id: id, head_seq }: Conversation) {
  const { store } = useClient()
  const now = useNow()
  const { data, isPending } = useQuery({
    queryKey: ['last-outcome', id, head_seq],
    queryFn: ({ signal }) => readLastOutcome(store, id, head_seq, signal),
    // Events do not change.
    staleTime: Number.POSITIVE_INFINITY,
  })
  if (isPending) return <span className={styles.pending} />
  if (!data) return null
  const state = stateOf(data.outcome, data.at, now)
  return <Badge tone={STATE_TONES[state]}>{STATE_WORDS[state]}</Badge>
}
