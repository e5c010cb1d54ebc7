/**
 * The items that `make` gives, until the reader stops, `closing` aborts or `signal` does. Each ends at once whatever is waited
 * for, a `next` of that moment included: the last with its reason, the others as a list ends.
 */
export function endable<T>(
  make: (signal: AbortSignal) => AsyncGenerator<T, void, undefined>,
  signal: AbortSignal | undefined,
  closing: AbortSignal,
): AsyncGenerator<T, void, undefined> {
  const controller = new AbortController()
  let isOver = false
  const abort = () => controller.abort(signal?.reason)
  const end = () => {
    // Whichever came first counts.
    isOver ||= !controller.signal.aborted
    controller.abort()
  }
  async function* run() {
    signal?.addEventListener('abort', abort)
    closing.addEventListener('abort', end)
    try {
      signal?.throwIfAborted()
      yield* make(controller.signal)
    } catch (thrown) {
      if (!isOver) throw thrown
    } finally {
      signal?.removeEventListener('abort', abort)
      closing.removeEventListener('abort', end)
    }
  }
  const items = run()
  // A generator's own `return` and `throw` wait for the `next` before them, which may wait for ever.
  const finish = items.return.bind(items)
  items.return = (value) => {
    end()
    return finish(value)
  }
  items.throw = async (thrown) => {
    await items.return()
    throw thrown
  }
  return items
}
