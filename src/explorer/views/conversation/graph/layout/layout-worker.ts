import { layOut } from './lay-out.ts'
import type { Part, PartLayout } from './part.ts'

/** One part at a time, so that what is done is kept when the rest is not wanted any more. */
addEventListener('message', ({ data }: MessageEvent<Part>) => {
  const answer: PartLayout = layOut(data)
  postMessage(answer)
})
