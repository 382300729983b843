/** Waiting, injected so that tests move time instead of spending it. */
export interface Timers {
  /** Runs `then` after `ms`; returns how to call it off. */
  after(ms: number, then: () => void): () => void
}

export const systemTimers: Timers = {
  after(ms, then) {
    // Nobody's last wait keeps the process alive: a stopping server cuts its callers off by itself.
    const timer = setTimeout(then, ms).unref()
    return () => clearTimeout(timer)
  },
}

/** The work's result, or `'late'` when it takes longer than `ms`. The work goes on; should it fail then, nobody hears of it here. */
export async function within<T>(timers: Timers, ms: number, work: Promise<T>): Promise<T | 'late'> {
  const { promise: late, resolve } = Promise.withResolvers<'late'>()
  const stop = timers.after(ms, () => resolve('late'))
  work.catch(() => {})
  try {
    return await Promise.race([work, late])
  } finally {
    stop()
  }
}
