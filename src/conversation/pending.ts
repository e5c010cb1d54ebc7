import { joinBytes } from '../model/join-bytes.ts'
import { writeBytes } from '../model/write-bytes.ts'
import type { PendingHandout } from './rpc.ts'
import { COMMA, lastSeqOf, type Segment } from './segment.ts'

/** Whose events they are. */
type LogIdentity = Pick<PendingHandout, 'epoch' | 'tenant' | 'conversation_id'>

/** Puts together whole segments up to `limitBytes` of texts and heads, at least one; null when there is none. `head` is the log's. */
export function handOut(segments: Iterable<Segment>, log: LogIdentity, head: number, limitBytes: number): PendingHandout | null {
  const chosen: Segment[] = []
  const bodies: Uint8Array[] = []
  let bytes = 0
  for (const segment of segments) {
    const body = segment.body()
    bytes += writeBytes({ heads: segment.heads, events: body })
    if (chosen.length > 0 && bytes > limitBytes) break
    chosen.push(segment)
    bodies.push(body)
    if (bytes >= limitBytes) break
  }
  const last = chosen.at(-1)
  if (!last) return null
  return {
    epoch: log.epoch,
    tenant: log.tenant,
    conversation_id: log.conversation_id,
    segments: chosen.map(({ first_seq, count, recorded_at }) => ({ first_seq, count, recorded_at })),
    heads: chosen.map((segment) => segment.heads).join(','),
    events: joinBytes(bodies, COMMA),
    through_seq: lastSeqOf(last),
    more: lastSeqOf(last) < head,
  }
}
