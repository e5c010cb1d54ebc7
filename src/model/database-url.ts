/** Whether a text is a connection string of a PostgreSQL database, with a user, as Neon's driver and the local gateway need it. */
export function isDatabaseUrl(text: string): boolean {
  const [, rest] = /^postgres(?:ql)?:(\/\/[^/].*)$/.exec(text) ?? []
  // Parsed as the driver does, since the standard leaves unknown schemes as they are.
  const url = rest !== undefined && URL.canParse(text) ? URL.parse(`http:${rest}`) : null
  return url !== null && url.username !== '' && url.pathname.length > 1
}
