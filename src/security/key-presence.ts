/** How long it is known that there are keys. */
const PRESENT_MS = 60_000
/** How long it is known that there are none, or that the directory is away: whoever makes the first key does not want to wait. */
const ABSENT_MS = 2_000

const NO_KEYS =
  'There is no API key that holds: create one with `npm run keys -- create --tenant <tenant> --scopes admin`, or set JWT_ISSUER, JWT_AUDIENCE and JWT_JWKS_URL.'

type Known = { readonly until: number } & ({ readonly present: boolean } | { readonly cause: unknown })

/**
 * What is missing where keys are the only way in, from a directory that is asked now and then. Throws while it is away,
 * unless there were keys when it was asked last: they do not end with it.
 */
export function keyPresence(anyUsable: () => Promise<boolean>, now: () => number): () => Promise<readonly string[]> {
  let known: Known | null = null
  return async () => {
    if (!known || known.until <= now()) {
      const before = known
      known = await anyUsable().then(
        (present) => ({ present, until: now() + (present ? PRESENT_MS : ABSENT_MS) }),
        (cause: unknown) => ({
          ...(before && 'present' in before && before.present ? before : { cause }),
          until: now() + ABSENT_MS,
        }),
      )
    }
    if ('cause' in known) throw known.cause
    return known.present ? [] : [NO_KEYS]
  }
}
