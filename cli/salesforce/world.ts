/** What the Salesforce commands touch outside of themselves. Tests give their own. */
import { setTimeout as sleep } from 'node:timers/promises'
import { systemAsking, type Asking } from './ask.ts'
import { deployProject, findSf, orgOf } from './sf-cli.ts'

/** The driver of the user's own Salesforce CLI. */
export interface SfDriver {
  findSf: typeof findSf
  orgOf: typeof orgOf
  deployProject: typeof deployProject
}

export interface World {
  env: NodeJS.ProcessEnv
  /** Towards the org. Calls to the Hawser server go through its SDK. */
  fetch: typeof globalThis.fetch
  sf: SfDriver
  ask: Asking
  now(): number
  sleep(ms: number): Promise<void>
  /** Progress and instructions, on standard error: standard output belongs to the result. */
  say(line: string): void
}

export function systemWorld(): World {
  // Not before the first question: other commands leave standard input alone.
  let asking: Asking | undefined
  return {
    env: process.env,
    fetch: (input, init) => globalThis.fetch(input, init),
    sf: { findSf, orgOf, deployProject },
    get ask() {
      return (asking ??= systemAsking())
    },
    now: Date.now,
    sleep: async (ms) => void (await sleep(ms)),
    say: (line) => console.error(line),
  }
}
