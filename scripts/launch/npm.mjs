import { spawnSync } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { basename, delimiter, dirname, join } from 'node:path'
import { forPeople } from './for-people.mjs'

const LONGEST_MS = 15 * 60_000
const LINES_SHOWN = 25

/** Runs npm under `node` in `cwd`, silently. A failure throws with what npm said. */
export function npm(node, args, cwd, purpose) {
  const cli = npmCli()
  const [command, before] = cli ? [node, [cli]] : ['npm', []]
  const path = `${dirname(node)}${delimiter}${process.env.PATH ?? ''}`
  const options = { cwd, encoding: 'utf8', timeout: LONGEST_MS, maxBuffer: 64 * 1024 ** 2, env: { ...process.env, PATH: path } }
  // Without npm's own file only Windows' shell finds `npm.cmd`; nothing in the arguments comes from outside.
  const result = spawnSync(command, [...before, ...args], { ...options, shell: !cli && process.platform === 'win32' })
  if (result.status === 0) return
  // The cause stands first; what follows is advice on how to use npm.
  const lines = `${result.stdout ?? ''}${result.stderr ?? ''}`.split('\n').filter((line) => line.trim() && !line.startsWith('npm warn'))
  const said = lines.slice(0, LINES_SHOWN).join('\n')
  const reason = result.error ? result.error.message : `npm ended with ${result.signal ?? result.status}`
  throw forPeople(`${said}\n\n${purpose} failed: ${reason}`.trim())
}

/** npm's own script, so that it runs under a Node of our choice: the one that started us, else the one beside this Node. */
function npmCli() {
  const started = process.env.npm_execpath
  if (started && basename(started) === 'npm-cli.js' && existsSync(started)) return started
  const bin = dirname(realpathSync(process.execPath))
  const beside = [join(bin, '../lib/node_modules/npm/bin/npm-cli.js'), join(bin, 'node_modules/npm/bin/npm-cli.js')]
  return beside.find((file) => existsSync(file))
}
