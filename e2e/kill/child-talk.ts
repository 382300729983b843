/** What a test and its child processes say to each other. Patterns travel as text. */
import type { FaultPoint, FaultPoints } from './fault-points.ts'

/** What one life of a server begins with. */
export interface ServerLife {
  env: Record<string, string>
  clockOffsetMs: number
  providerPort: number
  providerCa: string
}

export type ToChild =
  | { kind: 'arm'; number: number; on: string; pattern: string; when: FaultPoint['when'] }
  | { kind: 'move-clock'; number: number; ms: number }

/** `done` answers a message; `reached`: the process stands at the step that this message has armed. */
export type FromChild = { kind: 'ready' } | { kind: 'done'; number: number } | { kind: 'reached'; number: number }

/** In the child: says that it is ready, then does as it is told. A child whose parent is gone ends. */
export function answerParent(given: { arm: FaultPoints['arm']; moveClock(ms: number): void }): void {
  const tell = (message: FromChild): void => void process.send?.(message)
  process.on('message', (message: ToChild) => {
    if (message.kind === 'move-clock') given.moveClock(message.ms)
    else {
      const on = { [message.on]: new RegExp(message.pattern) } as FaultPoint['on']
      given.arm({ on, when: message.when }, () => tell({ kind: 'reached', number: message.number }))
    }
    tell({ kind: 'done', number: message.number })
  })
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  tell({ kind: 'ready' })
}
