export interface Watched {
  readonly body: ReadableStream<Uint8Array>
  /** How it ended: read to its end or given up by the reader, or broken off by its source. Never rejects. */
  readonly ended: Promise<'ended' | 'broken'>
}

/** Passes a body on, chunk by chunk as it is read, and tells when it is over. */
export function watchEnd(source: ReadableStream<Uint8Array>): Watched {
  const { promise: ended, resolve } = Promise.withResolvers<'ended' | 'broken'>()
  const reader = source.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          controller.close()
          resolve('ended')
        } catch (cause) {
          controller.error(cause)
          resolve('broken')
        }
      },
      async cancel(reason) {
        resolve('ended')
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, ended }
}
