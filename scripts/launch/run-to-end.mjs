import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'

/**
 * Runs a script under `node` with our standard streams, and resolves to what we should exit with: its code, or 128 + n after signal n.
 *
 * SIGTERM is for us alone and is passed on. A terminal sends SIGINT (Ctrl-C) and SIGHUP (closed) to the child as well, which is in our process
 * group: passing them on would arrive as a second Ctrl-C, the sign for "at once". They are passed on only where there is no terminal.
 */
export function runToEnd(node, args, { cwd }) {
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  // Node 22 and the first 24 call running TypeScript experimental on every start.
  const child = spawn(node, ['--disable-warning=ExperimentalWarning', ...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  })
  const hasTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  const passOn = (signal) => child.kill(signal)
  const leaveToTerminal = (signal) => hasTerminal || child.kill(signal)
  process.on('SIGTERM', passOn)
  process.on('SIGINT', leaveToTerminal)
  process.on('SIGHUP', leaveToTerminal)
  const stopWatching = whenOrphaned(() => child.kill('SIGTERM'))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      stopWatching()
      resolve(code ?? 128 + (constants.signals[signal] ?? 0))
    })
  })
}

/**
 * `npm start` runs us through a shell, and npm passes SIGTERM to that shell only, which dies of it and tells nobody. So a parent that goes away is
 * npm's SIGTERM for us. Not so where we were started directly: there a parent may leave on purpose (`setsid`, a service manager).
 */
function whenOrphaned(stop) {
  const parent = process.ppid
  if (process.env.npm_lifecycle_event === undefined || parent === 1) return () => {}
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    stop()
  }, 250)
  timer.unref()
  return () => clearInterval(timer)
}
