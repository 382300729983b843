/** Ids of operations are UUIDs version 7, whose first 48 bits are the time (RFC 9562 §5.7): their order is that of time. */

/** The first id of this ms, after every one of the ms before. */
export function firstIdAt(ms: number): string {
  const time = Math.max(0, Math.floor(ms)).toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}

/** ms since 1970 */
export function timeOfId(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16)
}
