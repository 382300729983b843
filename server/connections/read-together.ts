/** How many are read by one statement. */
const MOST = 500

interface Waiting<V> {
  key: string
  done: PromiseWithResolvers<V | undefined>
}

/**
 * Reads by key, one statement at a time. Calls that come while one is under way go together into the next: each answer is as new as its call, and
 * under load a statement serves many. Undefined for what is not there.
 */
export function createReadTogether<V>(
  readAll: (keys: readonly string[]) => Promise<Map<string, V>>,
): (key: string) => Promise<V | undefined> {
  let waiting: Waiting<V>[] = []
  let running = false

  const run = async () => {
    while (waiting.length > 0) {
      const batch = waiting.splice(0, MOST)
      try {
        const found = await readAll([...new Set(batch.map(({ key }) => key))])
        for (const { key, done } of batch) done.resolve(found.get(key))
      } catch (error) {
        for (const { done } of batch) done.reject(error)
      }
    }
    running = false
  }

  return (key) => {
    const done = Promise.withResolvers<V | undefined>()
    waiting.push({ key, done })
    if (!running) {
      running = true
      // Callers of this turn of the event loop still join.
      setImmediate(() => void run())
    }
    return done.promise
  }
}
