import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { FromChild, ServerLife, ToChild } from './child-talk.ts'
import type { FaultPoint } from './fault-points.ts'

export interface ServerProcess {
  url: string
  pid: number
  /** Resolves when the process stands at the step, once it comes there. */
  stopAt(point: FaultPoint): Promise<{ reached: Promise<void> }>
  moveClock(ms: number): Promise<void>
  /** SIGKILL; returns when the process is gone. */
  kill(): Promise<void>
  signal(name: 'SIGSTOP' | 'SIGCONT'): void
  /** Everything that the process has logged so far, for a failed test's message. */
  logged(): string
}

const START_DEADLINE_MS = 60_000
const ANSWER_DEADLINE_MS = 20_000

/** Starts `entry` (a file beside this one) and waits until it listens. Throws with what it said if it ends instead. */
export async function startServerProcess(entry: string, life: ServerLife, port: number): Promise<ServerProcess> {
  const child = fork(fileURLToPath(new URL(entry, import.meta.url)), [JSON.stringify(life)], {
    execArgv: ['--disable-warning=ExperimentalWarning'],
    env: { PATH: process.env['PATH'] ?? '' },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-20_000)))
  const ended = once(child, 'exit')
  const heard = new Map<string, () => void>()
  const hear = (name: string): Promise<void> => new Promise((resolve) => heard.set(name, resolve))
  const ready = hear('ready')
  child.on('message', (message: FromChild) => heard.get('number' in message ? `${message.kind} ${message.number}` : message.kind)?.())

  let number = 0
  const ask = async (message: ToChild): Promise<void> => {
    const done = hear(`done ${message.number}`)
    child.send(message)
    await inTime(done, ANSWER_DEADLINE_MS, () => `the server did not answer "${message.kind}":\n${said}`)
  }
  const gone = ended.then(() => {
    throw new Error(`the server ended:\n${said}`)
  })
  gone.catch(() => {})
  await inTime(Promise.race([ready, gone]), START_DEADLINE_MS, () => `the server did not start:\n${said}`).catch((error: unknown) => {
    child.kill('SIGKILL')
    throw error
  })

  return {
    url: `http://localhost:${port}`,
    pid: child.pid ?? 0,
    async stopAt({ on, when }) {
      const [[kind, pattern]] = Object.entries(on) as [[string, RegExp]]
      const message: ToChild = { kind: 'arm', number: ++number, on: kind, pattern: pattern.source, when }
      const reached = hear(`reached ${message.number}`)
      await ask(message)
      return { reached }
    },
    moveClock: (ms) => ask({ kind: 'move-clock', number: ++number, ms }),
    async kill() {
      child.kill('SIGKILL')
      await ended
    },
    signal: (name) => void child.kill(name),
    logged: () => said,
  }
}

/** The work's result, or an Error in place of waiting on. */
export async function inTime<T>(work: Promise<T>, ms: number, complaint: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(complaint())), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
