/** For the benchmark's children: `stop` runs once, on SIGTERM or when the benchmark is gone (standard input ends); then this process ends. */
export function untilTold(stop: () => Promise<void> | void): void {
  let stopping = false
  const once = async (): Promise<void> => {
    if (stopping) return
    stopping = true
    await stop()
    process.exit(0)
  }
  process.once('SIGTERM', () => void once())
  process.stdin.on('end', () => void once()).resume()
}
