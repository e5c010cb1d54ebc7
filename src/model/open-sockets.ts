/** Those that take messages: a socket that closes is listed until that is done. */
export function openSockets(holder: { getWebSockets(): WebSocket[] }): WebSocket[] {
  return holder.getWebSockets().filter(({ readyState }) => readyState === WebSocket.OPEN)
}

export function sendToEach(sockets: readonly WebSocket[], message: string | Uint8Array<ArrayBuffer>): void {
  for (const socket of sockets) {
    try {
      socket.send(message)
    } catch {
      // It closed meanwhile: who read there is gone, or opens another.
    }
  }
}
