import { decodeNews, type LiveNews } from '../../conversation/live-news.ts'
import { PING } from '../../conversation/live-sockets.ts'

/** How often a socket is tried that says nothing. The platform answers, the object sleeps on. */
const PING_MS = 30_000

export interface SocketEvents {
  hear(news: LiveNews): void
  /** It closed, broke, or answers no more. Told once. */
  lost(): void
}

/** Listens to a conversation's object. Returns how to stop. */
export function listen(socket: WebSocket, { hear, lost }: SocketEvents, every: (ms: number, run: () => void) => () => void) {
  let answered = true
  let over = false
  const stop = () => {
    over = true
    stopPings()
    try {
      socket.close()
    } catch {
      // It is closed.
    }
  }
  const fail = () => {
    if (over) return
    stop()
    lost()
  }
  const stopPings = every(PING_MS, () => {
    if (!answered) return fail()
    answered = false
    try {
      socket.send(PING)
    } catch {
      fail()
    }
  })
  socket.addEventListener('message', ({ data }) => {
    if (over) return
    answered = true
    if (data instanceof ArrayBuffer) hear(decodeNews(data))
  })
  socket.addEventListener('close', fail)
  socket.addEventListener('error', fail)
  socket.accept()
  return stop
}
