/** jsonb refuses NUL and lone surrogates; in a provider's error text they must not undo the change that the event tells about. */
export function storableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) => (typeof part === 'string' ? part.toWellFormed().replaceAll('\0', '') : part))
}
