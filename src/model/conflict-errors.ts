/** `expectedSeq` was given and the conversation's head is another: someone else recorded there. Nothing was recorded. */
export class WrongExpectedSeqError extends Error {
  override readonly name = 'WrongExpectedSeqError'
  readonly tag = 'wrong-expected-seq'
  readonly conversationId: string
  readonly expectedSeq: number
  readonly headSeq: number

  constructor(what: { readonly conversationId: string; readonly expectedSeq: number; readonly headSeq: number }) {
    super(`Expected head ${what.expectedSeq}, but it is ${what.headSeq}. Read what follows, decide again and repeat.`)
    this.conversationId = what.conversationId
    this.expectedSeq = what.expectedSeq
    this.headSeq = what.headSeq
  }
}

/** `onConflict: 'reject'` was given and ids of the call stand with other content. */
export class ConflictingEventsError extends Error {
  override readonly name = 'ConflictingEventsError'
  readonly tag = 'conflicting-events'
  /** Ids that stand with other content. */
  readonly conflicts: readonly string[]
  /** Whether events of other conversations in the call were recorded, because another writer came between. */
  readonly partlyRecorded: boolean

  constructor(what: { readonly conflicts: readonly string[]; readonly partlyRecorded: boolean }) {
    super(
      what.partlyRecorded
        ? 'Event ids stand with other content, and a part of the events was recorded: repeating the call is safe.'
        : 'Event ids stand with other content. Nothing was recorded: give these events ids of their own.',
    )
    this.conflicts = what.conflicts
    this.partlyRecorded = what.partlyRecorded
  }
}
