const POLL_MS = 100
const REQUEST_TIMEOUT_MS = 5_000

/** When to say what is missing; the first build of a Worker takes a few seconds. */
const PATIENCE_MS = 20_000

/** Resolves when the store says that it can serve. Until then it says once, after a while, what the answer was instead. */
export async function waitUntilReady(address: string, log: (line: string) => void): Promise<void> {
  const patienceEnds = Date.now() + PATIENCE_MS
  let said = false
  for (;;) {
    const found = await ask(`${address}/readyz`)
    if (found === 'ready') return
    if (!said && Date.now() > patienceEnds) {
      said = true
      log(`still waiting for ${address}/readyz: ${found}`)
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
}

async function ask(url: string): Promise<string> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) })
    const text = await response.text()
    return response.status === 200 ? 'ready' : `HTTP ${response.status} ${text.slice(0, 500)}`
  } catch (error) {
    return error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
  }
}
