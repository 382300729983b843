/**
 * Which of an environment's keys wrapped a data key. Those of the first key are a sealed value as it is (`envelope.ts`, which begins with 1); later ones
 * carry a head: 2 (1 byte) | generation (4). SQL reads it too (`data_key_generation` in migration 0004).
 */
const HEADED = 2
const HEAD_BYTES = 5

export interface WrappedDataKey {
  generation: number
  sealed: Buffer
}

export function readDataKey(data_key: Buffer): WrappedDataKey {
  return data_key[0] === HEADED && data_key.length > HEAD_BYTES
    ? { generation: data_key.readUInt32BE(1), sealed: data_key.subarray(HEAD_BYTES) }
    : { generation: 1, sealed: data_key }
}

export function writeDataKey({ generation, sealed }: WrappedDataKey): Buffer {
  if (generation === 1) return sealed
  const head = Buffer.alloc(HEAD_BYTES)
  head[0] = HEADED
  head.writeUInt32BE(generation, 1)
  return Buffer.concat([head, sealed])
}
