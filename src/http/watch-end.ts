export type End = 'read' | 'left' | 'broken'

export interface Watched {
  readonly body: ReadableStream<Uint8Array>
  /** How it ended: read to its end, left by its reader before that, or broken off by its source. Never rejects. */
  readonly ended: Promise<End>
}

/** Passes a body on, chunk by chunk as it is read, and tells when it is over. */
export function watchEnd(source: ReadableStream<Uint8Array>): Watched {
  const { promise: ended, resolve } = Promise.withResolvers<End>()
  const reader = source.getReader()
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (!done) return controller.enqueue(value)
          controller.close()
          resolve('read')
        } catch (cause) {
          controller.error(cause)
          resolve('broken')
        }
      },
      async cancel(reason) {
        resolve('left')
        await reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
  return { body, ended }
}
