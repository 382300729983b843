/** Cuts a stream of pieces of any size into pieces of the sizes that are asked for. */
export interface ByteReader {
  /** So many bytes, fewer only at the end. */
  upTo(bytes: number): Promise<Buffer>
}

export function byteReader(pieces: AsyncIterable<Buffer>): ByteReader {
  const source = pieces[Symbol.asyncIterator]()
  let waiting: Buffer[] = []
  let length = 0
  return {
    async upTo(bytes) {
      while (length < bytes) {
        const { done, value } = await source.next()
        if (done) break
        waiting.push(value)
        length += value.length
      }
      const all = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting)
      const taken = all.subarray(0, bytes)
      waiting = all.length > bytes ? [all.subarray(bytes)] : []
      length = all.length - taken.length
      return taken
    },
  }
}
