const MS_OF: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Reads `500ms`, `40s`, `1.5m`, `2h`, `7d` as whole milliseconds; undefined for anything else, also for a bare number, whose unit nobody knows. */
export function parseDuration(text: string): number | undefined {
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(text) ?? []
  const ms = MS_OF[unit ?? '']
  return ms === undefined ? undefined : Math.round(Number(amount) * ms)
}
