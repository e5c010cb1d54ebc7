import { HttpEventStore } from '../../../src/client/index.ts'

/** Answers with the seqs of so many events, as they come; leaves by the way that is asked for. */
export default {
  async fetch(request: Request, { URL: url }: { readonly URL: string }): Promise<Response> {
    const { searchParams } = new URL(request.url)
    const count = Number(searchParams.get('count'))
    const store = new HttpEventStore({ url, retry: { firstDelayMs: 5, longestDelayMs: 20 } })
    const controller = new AbortController()
    const live = store.live('c', { signal: controller.signal })
    const seqs: number[] = []
    for await (const { seq } of live) {
      seqs.push(seq)
      if (seqs.length === count) break
    }
    if (searchParams.get('leave') !== 'waiting') return Response.json(seqs)
    const others = [store.live('c', { after: count }), store.live('c', { after: count, signal: controller.signal })] as const
    const waiting = others.map((other) =>
      other.next().then(
        ({ done }) => done,
        () => 'aborted',
      ),
    )
    await new Promise((resolve) => setTimeout(resolve, 50))
    await others[0].return()
    controller.abort()
    return Response.json([...seqs, ...(await Promise.all(waiting))])
  },
}
