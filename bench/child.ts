/**
 * The whole of a child process: starts what the parent's first message asks for and sends the outcome back; ends when the parent
 * says anything more, or is gone.
 */
export function serveParent<Request, Answer>(
  start: (request: Request) => Promise<{ readonly answer: Answer; stop(): Promise<void> }>,
): void {
  process.once('message', async (request: Request) => {
    const { answer, stop } = await start(request)
    let ending = false
    const end = () => {
      if (ending) return
      ending = true
      void stop().finally(() => process.exit())
    }
    process.once('message', end)
    process.once('disconnect', end)
    process.send?.(answer)
  })
}
