/**
 * After `npm install` against a registry mirror that lacks some optional platform packages: lists them in the lock file all the same, by the
 * version that their parent asks for. Otherwise `npm ci` calls the lock file incomplete. They carry no integrity, since it is not known here;
 * a platform that needs one gets it from the registry by its exact version.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

interface Entry {
  version: string
  dev?: true
  optionalDependencies?: Record<string, string>
  [key: string]: unknown
}

const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32', 'netbsd', 'openbsd', 'sunos', 'aix']
const PROCESSORS = ['arm64', 'x64', 'arm', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'mips64el']

const file = join(import.meta.dirname, '../package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }
let added = 0
for (const entry of Object.values(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    const path = `node_modules/${name}`
    const words = name.split('/').at(-1)!.split('-')
    const os = words.find((word) => SYSTEMS.includes(word))
    const cpu = words.find((word) => PROCESSORS.includes(word))
    if (lock.packages[path] || !/^\d/.test(version) || !os || !cpu) continue
    const libc =
      os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : words.includes('gnu') ? 'glibc' : undefined
    lock.packages[path] = {
      version,
      cpu: [cpu],
      ...(entry.dev ? { dev: true } : {}),
      ...(libc ? { libc: [libc] } : {}),
      optional: true,
      os: [os],
    }
    added += 1
  }
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => (a < b ? -1 : 1)))
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`)
console.log(`${added} platform packages added to package-lock.json`)
