/** The real Salesforce CLI in a home of its own, which keeps it from the network and from the files of whoever runs the specs. */
import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const HERE = fileURLToPath(new URL('.', import.meta.url))
export const SF = join(HERE, 'node_modules/.bin/sf')
const DEADLINE_MS = 50_000

export interface Ran {
  exitCode: number
  stdout: string
  stderr: string
  /** Of `--json`; undefined if there is none. */
  json: { status: number; name?: string; message?: string; result?: unknown } | undefined
}

export interface SfRig {
  folder: string
  /** What the CLI is run with. */
  env: NodeJS.ProcessEnv
  run(args: readonly string[], options?: { cwd?: string; env?: NodeJS.ProcessEnv }): Promise<Ran>
  /** `sf org login access-token`; fails the test if sf refuses. */
  logIn(alias: string, org: { instanceUrl: string; accessToken: string }): Promise<Ran>
  /** `sf org login web` with a browser that follows redirects; takes port 1717. Fails the test if sf refuses. */
  logInByWeb(alias: string, instanceUrl: string): Promise<Ran>
  /** A copy of a project; sf leaves its notes in it. */
  project(source: string): Promise<string>
  /** The path and content of every file that the CLI has left. */
  files(): Promise<{ path: string; content: string }[]>
  remove(): Promise<void>
}

export async function createSfRig(): Promise<SfRig> {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-sf-e2e-'))
  const home = join(folder, 'home')
  await mkdir(home)
  const env: NodeJS.ProcessEnv = {
    PATH: [dirname(process.execPath), dirname(SF), '/usr/bin', '/bin'].join(':'),
    HOME: home,
    SF_DISABLE_TELEMETRY: 'true',
    SF_AUTOUPDATE_DISABLE: 'true',
    SF_SKIP_NEW_VERSION_CHECK: 'true',
    SF_USE_GENERIC_UNIX_KEYCHAIN: 'true',
    SF_DOMAIN_RETRY: '0',
    SF_ORG_METADATA_REST_DEPLOY: 'true',
  }
  const run: SfRig['run'] = (args, options = {}) => runSf(args, { cwd: options.cwd ?? folder, env: { ...env, ...options.env } })
  let projects = 0
  return {
    folder,
    env,
    run,
    async logIn(alias, { instanceUrl, accessToken }) {
      const args = ['org', 'login', 'access-token', '--instance-url', instanceUrl, '--no-prompt', '--alias', alias, '--json']
      const ran = await run(args, { env: { SF_ACCESS_TOKEN: accessToken } })
      if (ran.exitCode !== 0) throw new Error(`sf org login access-token: ${ran.stdout}${ran.stderr}`)
      return ran
    },
    async logInByWeb(alias, instanceUrl) {
      const browser = join(folder, 'browser.cjs')
      await writeFile(browser, BROWSER)
      await chmod(browser, 0o755)
      const ran = await run(['org', 'login', 'web', '--instance-url', instanceUrl, '--alias', alias, '--json'], {
        env: { BROWSER: browser },
      })
      if (ran.exitCode !== 0) throw new Error(`sf org login web: ${ran.stdout}${ran.stderr}`)
      return ran
    },
    async project(source) {
      const copy = join(folder, `project-${++projects}`)
      await cp(source, copy, { recursive: true })
      return copy
    },
    async files() {
      const entries = await readdir(folder, { recursive: true, withFileTypes: true })
      const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
      return Promise.all(paths.map(async (path) => ({ path, content: await readFile(path, 'latin1') })))
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}

// Like a real browser it ends at once and goes on in the background: sf answers on its port only after the command that opens the browser has ended.
// An early request would wait for ever, so it is made again.
const BROWSER = `#!${process.execPath}
const [, script, url, inBackground] = process.argv
if (inBackground) void visit()
else require('node:child_process').spawn(process.execPath, [script, url, 'yes'], { detached: true, stdio: 'ignore' }).unref()
async function visit() {
  for (let tries = 0; tries < 5; tries++)
    if (await fetch(url, { signal: AbortSignal.timeout(3_000) }).then(() => true, () => false)) return
}
`

function runSf(args: readonly string[], { cwd, env }: { cwd: string; env: NodeJS.ProcessEnv }): Promise<Ran> {
  return new Promise((resolve) => {
    const options = { cwd, env, timeout: DEADLINE_MS, killSignal: 'SIGKILL' as const, maxBuffer: 16 * 1024 * 1024 }
    const child = execFile(SF, [...args], options, (error, stdout, stderr) => {
      if (error?.killed === true) stderr += `\nstopped after ${DEADLINE_MS} ms`
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr, json: parsed(stdout) })
    })
    child.stdin?.end()
  })
}

function parsed(text: string): Ran['json'] {
  try {
    return JSON.parse(text) as Ran['json']
  } catch {
    return undefined
  }
}
