/** The same work, one at a time: who asks while it is under way waits for a run that begins afterwards. Rejects as the last run does. */
export function inTurn(work: () => Promise<void>): { run(): Promise<void>; settled(): Promise<void> } {
  let running: Promise<void> | undefined
  let again = false
  const repeat = async () => {
    do {
      again = false
      await work()
    } while (again)
  }
  return {
    run() {
      if (running) again = true
      else running = repeat().finally(() => (running = undefined))
      return running
    },
    settled: async () => running?.catch(() => {}),
  }
}
