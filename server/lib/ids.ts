import { randomUUID } from 'node:crypto'

/** A UUID version 7 (RFC 9562 §5.7): ordered by time, so that new rows land at the end of their index. */
export function newId(nowMs = Date.now()): string {
  const time = nowMs.toString(16).padStart(12, '0')
  // Version 4 in all but its first 48 bits and its version. Node draws the random bits of 128 of them at once.
  const random = randomUUID()
  return `${time.slice(0, 8)}-${time.slice(8)}-7${random.slice(15)}`
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
