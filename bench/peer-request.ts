/** What a peer's process is told. */
export interface PeerRequest {
  readonly databaseUrl: string
}
