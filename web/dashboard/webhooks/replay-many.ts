import { call } from '../api/call.ts'

/** 500 a call: 10,000 in all. */
const MOST_CALLS = 20

export interface ReplayWish {
  from: string
  to: string
  type?: string
}

/** Call after call until nothing is left, or `MOST_CALLS`, or one that sent nothing. */
export async function replayMany(
  wish: ReplayWish,
  onProgress: (replayed: number, remaining: number) => void,
  signal: AbortSignal,
): Promise<{ replayed: number; remaining: number }> {
  let replayed = 0
  let remaining = 0
  for (let made = 0; made < MOST_CALLS; made++) {
    const { data } = await call('replayDeliveries', { body: wish }, signal)
    replayed += data.replayed
    remaining = data.remaining
    onProgress(replayed, remaining)
    if (remaining === 0 || data.replayed === 0) break
  }
  return { replayed, remaining }
}
