/** One event's JSON text, as it is stored. */
export interface EventText {
  readonly text: string
  /** Of the text in UTF-8. */
  readonly bytes: number
}

export type EventTextReading<Text extends EventText> =
  /** `value` is what `JSON.parse` gives, to be checked. */
  | { readonly ok: true; readonly value: unknown; readonly event: Text }
  /** The message goes on from "it", as those of events' issues do. */
  | { readonly ok: false; readonly message: string }

export const NO_SINGLE_OBJECT = 'is an array: record its elements'
