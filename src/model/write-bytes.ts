/** What events take in a write, in bytes of JSON: ids, and so the heads that hold them, are ASCII as a rule. */
export function writeBytes({ heads, events }: { readonly heads: string; readonly events: Uint8Array }): number {
  return heads.length + events.byteLength
}
