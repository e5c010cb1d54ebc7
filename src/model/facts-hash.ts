/** The first hex digits of the SHA-256 of a list's JSON text in UTF-8. Stored ids are made of it: it never changes. */
export async function factsHash(facts: readonly (string | number | null)[], digits: number): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(JSON.stringify(facts)))
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('')
  return hex.slice(0, digits)
}
