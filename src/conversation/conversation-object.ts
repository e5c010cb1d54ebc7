import { DurableObject } from 'cloudflare:workers'
import { describeError } from '../model/describe-error.ts'
import { matchesFilter } from '../model/event-filter.ts'
import type { EventHead } from '../model/event-head.ts'
import { hotRetentionSeconds } from '../model/hot-retention.ts'
import { consoleLog } from '../model/log.ts'
import type { StoredTicket } from '../model/tickets.ts'
import { admit } from './admission.ts'
import { eventSeqs } from './event-seqs.ts'
import { LiveSockets } from './live-sockets.ts'
import { type AlarmInput, isTrimDue, nextAlarm, ringsInTime } from './next-alarm.ts'
import { type PickedPage, pickPage } from './page.ts'
import { handOut } from './pending.ts'
import { renderItems } from './render-items.ts'
import {
  type AppendAnswer,
  type AppendRequest,
  type Confirmation,
  type ConversationStat,
  type HandedOut,
  type Notice,
  type PendingHandout,
  pageTag,
  READ_ANSWER_HEADER,
  type ReadAnswer,
  type ReadRequest,
} from './rpc.ts'
import { pick, split } from './segment.ts'
import { SegmentLog } from './segment-log.ts'
import { singleEvent } from './single-event.ts'
import { Tickets } from './tickets.ts'

/** What the object needs of the Worker's bindings. */
export interface ConversationEnv {
  readonly NOTICES: Queue<Notice>
  /** Seconds that an idle conversation stays in its object. */
  readonly HOT_RETENTION_SECONDS?: string
}

type PageRead = Extract<ReadAnswer, { outcome: 'page' }>
/** A `ReadAnswer` whose page is at hand as a whole. */
type BytesRead = Exclude<ReadAnswer, PageRead> | (Omit<PageRead, 'body'> & { readonly body: Uint8Array<ArrayBuffer> | null })

/** The log of one conversation of one tenant: its order, its deduplication, its outbox. */
export class ConversationObject extends DurableObject<ConversationEnv> {
  readonly #log: SegmentLog
  readonly #live: LiveSockets
  readonly #tickets: Tickets
  /** Notices sent, or asked for, since everything was last in the history. */
  #notices = 0
  /** For when this instance has set the alarm, Unix ms; null while it has not: one of an earlier instance may have been given up on. */
  #alarmAt: number | null = null

  constructor(ctx: DurableObjectState, env: ConversationEnv) {
    super(ctx, env)
    this.#log = new SegmentLog(ctx.storage.sql)
    this.#live = new LiveSockets(ctx, this.#log)
    this.#tickets = new Tickets(ctx.storage.sql)
  }

  /** Numbers and stores what is new of a batch. The answer leaves the object once the row is durable. */
  append(request: AppendRequest): AppendAnswer {
    const log = this.#log
    const admission = admit(request, log.index, log.head)
    if (admission.outcome === 'wrong-expected-seq') return admission
    const conflicts = idsAt(request.heads, admission.conflicts)
    if (admission.outcome === 'conflict') return { outcome: 'conflict', conflicts }
    const notice = admission.fresh.length > 0 && !request.check_only && this.#store(request, admission.fresh)
    return {
      outcome: 'recorded',
      recorded: admission.fresh.length,
      fresh: request.list_fresh ? idsAt(request.heads, admission.fresh) : [],
      ...(request.list_seqs ? { seqs: eventSeqs(request.meta, log.index, admission.conflicts) } : {}),
      duplicates: admission.duplicates,
      conflicts,
      range: admission.first_seq === 0 ? null : { first_seq: admission.first_seq, last_seq: admission.last_seq },
      through_seq: admission.through_seq,
      ...(notice ? { notice } : {}),
    }
  }

  read(request: ReadRequest): ReadAnswer {
    const read = this.#read(request)
    return read.outcome === 'page' ? { ...read, body: read.body && new Response(read.body).body } : read
  }

  #read(request: ReadRequest): BytesRead {
    const log = this.#log
    const { state } = log
    if (!state || log.head === 0) return { outcome: 'unknown' }
    const after = Math.max(request.after, state.floor_seq)
    const until = Math.min(request.until_seq ?? log.head, log.head)
    const { filter } = request
    const only = filter?.event_id === undefined ? null : singleEvent(log.index, filter.event_id, after, until)
    const from = only ? only.after : after
    if (from < state.trimmed_through && from < until && (!only || only.found)) {
      return { outcome: 'cold', epoch: state.epoch, trimmed_through: state.trimmed_through, head_seq: log.head }
    }
    const end = only ? only.until : until
    const page = pickPage(
      only && !only.found ? [] : log.segmentsAfter(from),
      { after: from, until_seq: end, limit: request.limit, max_bytes: request.max_bytes },
      filter && ((head) => matchesFilter(head as EventHead, filter)),
    )
    const more = (!only || only.found) && page.scanned_through < end
    return this.#answer(request, state.epoch, page, more ? String(page.scanned_through) : null)
  }

  /**
   * A read as a request: a `ReadRequest` as its body, the page as the answer's body, the rest of the `ReadAnswer` in a header.
   * The body of a response is passed on to the client without a copy; that of an RPC answer goes through more hands.
   * Or a live reader's socket, on which the object speaks `LiveNews`.
   */
  override async fetch(request: Request): Promise<Response> {
    if (request.headers.get('Upgrade') === 'websocket') return this.#live.accept()
    const answer = this.#read(await request.json())
    const { body, ...rest } = answer.outcome === 'page' ? answer : { ...answer, body: null }
    return new Response(body, { status: body ? 200 : 204, headers: { [READ_ANSWER_HEADER]: JSON.stringify(rest) } })
  }

  stat(): ConversationStat | null {
    const { state, head, lastAt } = this.#log
    if (!state || head === 0) return null
    return {
      head_seq: head,
      persisted_seq: state.persisted_seq,
      event_count: head - state.floor_seq,
      first_at: state.first_at,
      last_at: lastAt,
    }
  }

  /**
   * Takes note of what the history has confirmed, if anything, and hands out what comes next: whole segments of about
   * `limitBytes`, at least one; null when nothing comes next, or when `limitBytes` is 0. `handed` goes on from there without
   * a confirmation.
   */
  pending(limitBytes: number, confirmation?: Confirmation, handed?: HandedOut): PendingHandout | null {
    if (confirmation) this.#confirm(confirmation)
    const { state, head } = this.#log
    if (!state || limitBytes === 0) return null
    const after = Math.max(state.persisted_seq, handed?.epoch === state.epoch ? handed.through_seq : 0)
    return after >= head ? null : handOut(this.#log.segmentsAfter(after), state, head, limitBytes)
  }

  /** Forgets what was recorded by `marker` (Unix ms), ids included. */
  clear(marker: number): void {
    this.#clearThrough(marker)
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close()
  }

  /** Keeps a ticket for reading this conversation live; false where there are too many. */
  async addTicket(hash: string, ticket: StoredTicket): Promise<boolean> {
    if (!this.#tickets.add(hash, ticket, Date.now())) return false
    const at = await this.ctx.storage.getAlarm()
    if (at === null || at > ticket.expires_at) await this.ctx.storage.setAlarm(ticket.expires_at)
    return true
  }

  findTicket(hash: string): StoredTicket | null {
    return this.#tickets.find(hash, Date.now())
  }

  override async alarm(): Promise<void> {
    const input = this.#alarmInput()
    this.#alarmAt = null
    if (input && isTrimDue(input)) this.#write(() => this.#log.trim())
    else if (input && input.persisted_seq < input.head_seq) await this.#notify()
    const ticketsUntil = this.#tickets.prune(Date.now())
    if (!this.#log.state && ticketsUntil === null) return this.ctx.storage.deleteAll()
    this.#schedule(ticketsUntil)
  }

  /** Answers whether a notice is to be sent. */
  #store(request: AppendRequest, fresh: readonly number[]): boolean {
    const log = this.#log
    const wasClean = (log.state?.persisted_seq ?? 0) === log.head
    // The clock may step back; the log's times may not, since a clearing cuts by time, and what follows one stays.
    const now = Math.max(Date.now(), log.lastAt, (log.state?.cleared_through ?? -1) + 1)
    this.#write(() => {
      if (!log.state) log.create(request.tenant, request.conversation_id, randomEpoch(), now)
      else if (log.head === 0) log.update({ ...log.state, first_at: now })
      for (const draft of split(pick(request, fresh))) log.append(draft, now)
    })
    this.#live.tell(log.head - fresh.length + 1, now)
    if (!wasClean && this.#alarmAt !== null) return false
    this.#notices = 1
    // Another one would be a row with every step from clean to dirty.
    if (!ringsInTime(this.#alarmAt, Date.now())) this.#schedule()
    return true
  }

  /** Changes the log as a whole or not at all. */
  #write(change: () => void): void {
    try {
      this.ctx.storage.transactionSync(change)
    } catch (cause) {
      // What stands in memory may be ahead of the disk now: begin again from the disk.
      this.ctx.abort('the log could not be written')
      throw cause
    }
  }

  #confirm({ epoch, through_seq, cleared_through, is_last }: Confirmation): void {
    const { state, head } = this.#log
    if (!state || state.epoch !== epoch) return
    if (through_seq > state.persisted_seq) this.#log.update({ ...state, persisted_seq: Math.min(through_seq, head) })
    if (cleared_through !== null) this.#clearThrough(cleared_through)
    if (!is_last || (this.#log.state?.persisted_seq ?? 0) >= this.#log.head) return
    this.#notices = 0
    void this.#notify()
  }

  #clearThrough(marker: number): void {
    const { state } = this.#log
    if (!state || state.first_at > marker) return
    const seq = this.#log.lastSeqRecordedBy(marker)
    if (seq <= state.floor_seq) return
    this.#write(() => this.#log.forgetThrough(seq, state.epoch + 1, Date.now(), marker))
    this.#live.tell(this.#log.head + 1, Date.now())
  }

  #answer(request: ReadRequest, epoch: number, page: PickedPage, nextCursor: string | null): BytesRead {
    const lastSeq = page.last_seq ?? request.after
    const tag = pageTag(epoch, request.after, lastSeq, page.items, nextCursor)
    const framed = request.format === 'json' && !request.part
    const body =
      tag === request.known_tag
        ? null
        : framed
          ? renderItems(page, 'json', '{"items":[', `],"next_cursor":${nextCursor === null ? 'null' : `"${nextCursor}"`}}`)
          : renderItems(page, request.format)
    return {
      outcome: 'page',
      epoch,
      items: page.items,
      bytes: page.bytes,
      last_seq: lastSeq,
      next_cursor: nextCursor,
      tag,
      body,
    }
  }

  /** A lost notice is repeated by the alarm. */
  async #notify(): Promise<void> {
    const { state } = this.#log
    if (!state) return
    this.#notices += 1
    try {
      await this.env.NOTICES.send({ tenant: state.tenant, conversation_id: state.conversation_id })
    } catch (cause) {
      consoleLog('warn', 'notices could not be queued; alarms repeat them', { notices: 1, cause: describeError(cause) })
    }
  }

  /** `ticketsUntil` is when tickets have to be looked at, too; who does not know sets an earlier alarm, which finds out. */
  #schedule(ticketsUntil: number | null = null): void {
    const input = this.#alarmInput()
    const forLog = input && nextAlarm(input)
    const at = forLog === null || ticketsUntil === null ? (forLog ?? ticketsUntil) : Math.min(forLog, ticketsUntil)
    if (at === null) return
    void this.ctx.storage.setAlarm(at)
    this.#alarmAt = at
  }

  #alarmInput(): AlarmInput | null {
    const { state, head, lastAt } = this.#log
    return (
      state && {
        head_seq: head,
        persisted_seq: state.persisted_seq,
        trimmed_through: state.trimmed_through,
        notices: this.#notices,
        last_at: lastAt,
        now: Date.now(),
        hot_retention_ms: hotRetentionSeconds(this.env.HOT_RETENTION_SECONDS) * 1000,
      }
    )
  }
}

function idsAt(heads: string, places: readonly number[]): string[] {
  if (places.length === 0) return []
  const all = JSON.parse(`[${heads}]`) as EventHead[]
  return places.map((place) => (all[place] as EventHead).event_id)
}

/** Not zero: a conversation whose object was lost and begun again must not answer with the tags of the old one. */
function randomEpoch(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] as number
}
