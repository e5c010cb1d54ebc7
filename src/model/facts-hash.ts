import { sha256Hex } from './sha256-hex.ts'

/** The first hex digits of the SHA-256 of a list's JSON text in UTF-8. Stored ids are made of it: it never changes. */
export async function factsHash(facts: readonly (string | number | null)[], digits: number): Promise<string> {
  return (await sha256Hex(JSON.stringify(facts))).slice(0, digits)
}
