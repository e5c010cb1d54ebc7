const NAME = 'event-store-api-key'

/** The key lives as long as the browser's tab, and nowhere else. */
export function storedApiKey(): string | null {
  return sessionStorage.getItem(NAME)
}

export function storeApiKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME)
  else sessionStorage.setItem(NAME, key)
}

/** Whether a header can carry the text. */
export function isUsableKey(text: string): boolean {
  return /^[!-~]+$/.test(text)
}
