/**
 * `npm run build:web`: builds the Connect UI and the dashboard into `web/dist`, unless they were built from exactly these sources. `--force` builds
 * anyway. The launcher runs it before the server starts; a published package carries the result and has no sources to build.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress, constants, gzip } from 'node:zlib'

const root = join(import.meta.dirname, '..')
const dist = join(root, 'web/dist')
const stamp = join(dist, 'built-from')
export const APPS = ['connect', 'dashboard'] as const

/** What the apps are made of: changes here make the build stale. */
const SOURCES = ['web/{ui,connect,dashboard}/**/*.{ts,tsx,css,html,json}', 'web/*.ts', 'sdk/browser/*.ts', 'api/*.ts', 'salesforce/**/*.ts']

function sourcesDigest(): string {
  const digest = createHash('sha256')
  const files = globSync([...SOURCES, 'package-lock.json'], { cwd: root, exclude: (path) => path.includes('.test.') })
  for (const file of files.sort())
    digest
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  return digest.digest('hex')
}

const digest = sourcesDigest()
const isFresh = existsSync(stamp) && readFileSync(stamp, 'utf8') === digest
if (!isFresh || process.argv.includes('--force')) {
  const started = performance.now()
  for (const app of APPS) build(app)
  await compressFiles()
  writeFileSync(stamp, digest)
  process.stderr.write(`Built the Connect UI and the dashboard in ${((performance.now() - started) / 1000).toFixed(1)} s.\n`)
}

function build(app: string): void {
  const vite = join(root, 'node_modules/vite/bin/vite.js')
  const args = [vite, 'build', '--mode', app, '--config', join(root, 'web/vite.config.ts'), '--logLevel', 'warn']
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    timeout: 120_000,
    env: { ...process.env, NODE_ENV: 'production' },
  })
  if (status !== 0) throw new Error(`The build of web/${app} failed:\n${stdout}${stderr}`)
}

/** Beside each file its `.br` and `.gz`, so that the server compresses nothing at run time. */
async function compressFiles(): Promise<void> {
  const files = globSync('**/*.{js,css,html,svg,json}', { cwd: dist })
  await Promise.all(
    files.map(async (file) => {
      const bytes = readFileSync(join(dist, file))
      const br = await promisify(brotliCompress)(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
      writeFileSync(join(dist, `${file}.br`), br)
      writeFileSync(join(dist, `${file}.gz`), await promisify(gzip)(bytes, { level: 9 }))
    }),
  )
}
