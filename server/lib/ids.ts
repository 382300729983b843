import { randomBytes } from 'node:crypto'

/** A UUID version 7 (RFC 9562 §5.7): ordered by time, so that new rows land at the end of their index. */
export function newId(nowMs = Date.now()): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(nowMs, 0, 6)
  bytes[6] = (bytes[6]! & 0x0f) | 0x70
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}

/** `gateway_id` of a connection: its uuid as 32 hex digits, safe inside every client's token format. */
export function gatewayIdOf(connectionUuid: string): string {
  return connectionUuid.replaceAll('-', '')
}

/** The uuid behind a gateway id, or undefined if it has another form. */
export function uuidOfGatewayId(gatewayId: string): string | undefined {
  if (!/^[0-9a-f]{32}$/.test(gatewayId)) return undefined
  return `${gatewayId.slice(0, 8)}-${gatewayId.slice(8, 12)}-${gatewayId.slice(12, 16)}-${gatewayId.slice(16, 20)}-${gatewayId.slice(20)}`
}
