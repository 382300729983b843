/** One thing that was looked at. */
export interface Line {
  /** Word for programs; stays the same. */
  check: string
  state: 'ok' | 'warn' | 'fail'
  /** What is. */
  text: string
  /** What to do; with every `warn` and `fail`. */
  todo?: string
}

export const ok = (check: string, text: string): Line => ({ check, state: 'ok', text })
export const warn = (check: string, text: string, todo: string): Line => ({ check, state: 'warn', text, todo })
export const bad = (check: string, text: string, todo: string): Line => ({ check, state: 'fail', text, todo })

export function size(bytes: number): string {
  if (bytes < 1_000_000) return `${Math.ceil(bytes / 1_000)} kB`
  return bytes < 1_000_000_000 ? `${Math.round(bytes / 1_000_000)} MB` : `${(bytes / 1_000_000_000).toFixed(1)} GB`
}

/** A check that breaks is a line too: the others are still worth having. */
export async function line(check: string, todo: string, look: () => Promise<Line | Line[]>): Promise<Line[]> {
  try {
    return [await look()].flat()
  } catch (error) {
    return [bad(check, (error as Error).message, todo)]
  }
}
