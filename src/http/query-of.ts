/** The parameters of a request's address. That is in its standard form already: there is no need to parse all of it. */
export function queryOf({ url }: { readonly url: string }): URLSearchParams {
  const [address = ''] = url.split('#', 1)
  const at = address.indexOf('?')
  // With the question mark, of which one is taken for no part of the parameters.
  return new URLSearchParams(at < 0 ? '' : address.slice(at))
}
