import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { withLock } from './lock.mjs'
import { npm } from './npm.mjs'

/** Installs what `package-lock.json` says if `node_modules` holds something else. Does nothing, in a few ms, if it is in order. */
export function installDependencies(root, node, { dev }) {
  const isReady = () =>
    holdsWhatIsLocked(readLock(join(root, 'package-lock.json')), readLock(join(root, 'node_modules/.package-lock.json')), { dev })
  if (isReady()) return
  const onWait = () => console.error('Waiting for another start to install dependencies…')
  const install = () => {
    if (isReady()) return
    console.error('Installing dependencies (once)…')
    npm(node, ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], root, 'Installing the dependencies')
  }
  withLock(join(root, '.node/installing'), install, { onWait })
}

function readLock(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined
}

/**
 * Whether npm's record of what is installed agrees with the lock file, in versions and contents. What npm leaves out (optional packages of
 * other systems; development packages, unless `dev` asks for them) may be missing. A package for another system means that the folder came from one.
 * A program without a lock file was installed by other means.
 */
export function holdsWhatIsLocked(locked, installed, { dev, platform = process.platform, arch = process.arch }) {
  if (!locked) return true
  if (!installed) return false
  for (const [path, wanted] of Object.entries(locked.packages)) {
    const found = installed.packages[path]
    // Our own folders are there as they are.
    if (!path.includes('node_modules/')) continue
    if (!found && !wanted.optional && !wanted.devOptional && (dev || !wanted.dev)) return false
    if (found && (found.version !== wanted.version || found.integrity !== wanted.integrity || found.resolved !== wanted.resolved))
      return false
  }
  return Object.values(installed.packages).every(({ os, cpu }) => allows(os, platform) && allows(cpu, arch))
}

/** npm's `os` and `cpu` lists: names, or `!name` for all others. */
function allows(list, name) {
  if (!list) return true
  const refused = list.includes(`!${name}`)
  return !refused && (list.includes(name) || list.every((entry) => entry.startsWith('!')))
}
