import type { PendingHandout } from './rpc.ts'
import { COMMA, lastSeqOf, type Segment } from './segment.ts'

/** Whose events they are. */
type LogIdentity = Pick<PendingHandout, 'epoch' | 'tenant' | 'conversation_id'>

/** Puts together whole segments up to `limitBytes` of event text, at least one; null when there is none. `head` is the log's. */
export function handOut(segments: Iterable<Segment>, log: LogIdentity, head: number, limitBytes: number): PendingHandout | null {
  const chosen: Segment[] = []
  const bodies: Uint8Array[] = []
  let bytes = -1
  for (const segment of segments) {
    const body = segment.body()
    if (chosen.length > 0 && bytes + 1 + body.byteLength > limitBytes) break
    chosen.push(segment)
    bodies.push(body)
    bytes += 1 + body.byteLength
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
    events: joinBodies(bodies, bytes),
    through_seq: lastSeqOf(last),
    more: lastSeqOf(last) < head,
  }
}

function joinBodies(bodies: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = bodies
  if (bodies.length === 1 && only) return only
  const joined = new Uint8Array(bytes)
  let at = 0
  for (const body of bodies) {
    if (at > 0) joined[at++] = COMMA
    joined.set(body, at)
    at += body.byteLength
  }
  return joined
}
