/** A folder with an `sf` in it that answers as a test says. What it was called with is kept. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Reply {
  /** The first words of the command. */
  to: string
  stdout?: unknown
  stderr?: string
  exitCode?: number
  /** Never ends. */
  hangs?: boolean
}

export interface Call {
  args: string[]
  cwd: string
  env: Record<string, string>
}

export interface FakeSf {
  env: NodeJS.ProcessEnv
  /** Of the program. */
  path: string
  /** A folder with a project in it. */
  project: string
  /** The first reply whose `to` begins the command; objects are printed as JSON. */
  answers(...replies: Reply[]): Promise<void>
  calls(): Promise<Call[]>
  remove(): Promise<void>
}

const SCRIPT = `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const { FORCE_COLOR = '', NO_COLOR = '', SF_ORG_METADATA_REST_DEPLOY = '' } = process.env
const args = process.argv.slice(2)
appendFileSync(__dirname + '/calls', JSON.stringify({ args, cwd: process.cwd(), env: { FORCE_COLOR, NO_COLOR, SF_ORG_METADATA_REST_DEPLOY } }) + '\\n')
const reply = JSON.parse(readFileSync(__dirname + '/replies', 'utf8')).find((one) => args.join(' ').startsWith(one.to))
if (reply.hangs) setInterval(() => {}, 1000)
else {
  process.exitCode = reply.exitCode ?? 0
  if (reply.stderr) process.stderr.write(reply.stderr)
  if (reply.stdout) process.stdout.write(typeof reply.stdout === 'string' ? reply.stdout : JSON.stringify(reply.stdout, null, 2))
}
`

const VERSION: Reply = {
  to: 'version',
  stdout: { architecture: 'linux-x64', cliVersion: '@salesforce/cli/2.150.6', nodeVersion: 'node-v24.0.0' },
}

export async function createFakeSf(): Promise<FakeSf> {
  const folder = await mkdtemp(join(tmpdir(), 'hawser-sf-'))
  const path = join(folder, 'sf')
  const project = join(folder, 'project')
  await mkdir(project)
  await writeFile(join(project, 'sfdx-project.json'), '{"packageDirectories":[{"path":"force-app","default":true}]}')
  await writeFile(path, SCRIPT)
  await chmod(path, 0o755)
  await writeFile(join(folder, 'calls'), '')
  const answers: FakeSf['answers'] = (...replies) => writeFile(join(folder, 'replies'), JSON.stringify([...replies, VERSION]))
  await answers()
  return {
    env: { PATH: `relative:${folder}`, FORCE_COLOR: '1' },
    path,
    project,
    answers,
    async calls() {
      const lines = (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== '')
      return lines.map((line) => JSON.parse(line) as Call)
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  }
}
