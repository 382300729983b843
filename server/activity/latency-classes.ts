/** Upper ends of the latency classes in ms; the last class is open. The column `call_count.latency` has a place for each: never change them. */
export const LATENCY_CLASSES: readonly number[] = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000]

export function latencyClassOf(ms: number): number {
  let at = 0
  while (at < LATENCY_CLASSES.length && ms > LATENCY_CLASSES[at]!) at++
  return at
}

/** The time that a part of the calls stayed below, from how many fell into each class; null: there were none. Within a class they count as spread evenly. */
export function quantileOf(byClass: readonly number[], part: number): number | null {
  const total = byClass.reduce((sum, count) => sum + count, 0)
  if (total === 0) return null
  let wanted = part * total
  for (const [at, count] of byClass.entries()) {
    if (count > 0 && wanted <= count) {
      const from = at === 0 ? 0 : LATENCY_CLASSES[at - 1]!
      // Of the open class no more is known than where it begins.
      const to = LATENCY_CLASSES[at] ?? from
      return Math.round((from + ((to - from) * wanted) / count) * 10) / 10
    }
    wanted -= count
  }
  return LATENCY_CLASSES.at(-1)!
}
