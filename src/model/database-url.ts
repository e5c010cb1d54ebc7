/** Whether a text is a connection string of a PostgreSQL database, with a user, as Neon's driver and the local gateway need it. */
export function isDatabaseUrl(text: string): boolean {
  const url = parse(text)
  return url !== null && url.username !== '' && url.pathname.length > 1
}

/** Whether a connection string names a host that is never Neon's: an address, or a name of one label such as `localhost`. */
export function isNeverNeon(databaseUrl: string): boolean {
  return /^(\[.*|[\d.]+|[^.]+\.?)$/.test(parse(databaseUrl)?.hostname ?? '')
}

/** Parsed as the driver does, since the standard leaves unknown schemes as they are. */
function parse(text: string): URL | null {
  const [, rest] = /^postgres(?:ql)?:(\/\/[^/].*)$/.exec(text) ?? []
  return rest !== undefined && URL.canParse(text) ? URL.parse(`http:${rest}`) : null
}
