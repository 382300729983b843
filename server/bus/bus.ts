/** Tells every node what changed. Backed by PostgreSQL's LISTEN/NOTIFY; messages are hints, never the truth. */
export interface Bus {
  /** `topic` is a table's name for announcements of the database's triggers, or a name of ours. Returns how to stop listening. */
  on(topic: string, listener: (message: string) => void): () => void
  /** Called when messages may have been missed (the listening connection was lost and is back): drop what is cached. */
  onGap(listener: () => void): () => void
  /** Sends to all nodes, this one included. At most 7,900 bytes. */
  send(topic: string, message: string): Promise<void>
  close(): Promise<void>
}
