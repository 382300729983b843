import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { PRODUCT } from '#lib/product.ts'
import { USE_YOUR_OWN, type PostgresBinaries } from '#db/postgres-binaries.ts'
import { privateDirectory, type Owner } from '#db/private-directory.ts'

/** Where a cluster's files are, and whose. */
export interface Cluster {
  /** PostgreSQL's own data directory, real path. */
  path: string
  /** What the server writes to its standard error. */
  log: string
  /** Directory for the socket of a server that this process starts; made when it does. */
  sockets: string
  /** The account that the server runs as; undefined: this process's. */
  owner: Owner | undefined
}

/**
 * The cluster of a data directory, made by `initdb` if there is none.
 * It is `<data>/postgres`. PostgreSQL refuses to run as root, and its account must not get into a data directory that holds keys; so as root
 * the files lie at `<rootHome>/<id>/postgres`, and `<data>/postgres` is a link to them that moves along with the data directory.
 */
export function findOrCreateCluster(
  dataDir: string,
  rootHome: string,
  binaries: (owner: Owner | undefined) => PostgresBinaries,
  fsync: boolean,
): Cluster {
  const asRoot = userInfo().uid === 0
  if (!entryExists(join(dataDir, 'postgres'))) {
    const owner = asRoot ? unprivilegedAccount() : undefined
    const { native } = binaries(owner)
    if (owner) createLinked(native, dataDir, rootHome, owner, fsync)
    else createInPlace(native, dataDir, fsync)
  }
  return describeCluster(dataDir, asRoot)
}

/** Throws if the files were written by another major version than the binaries are. */
export function checkClusterVersion(cluster: Cluster, major: number): void {
  const written = readFileSync(join(cluster.path, 'PG_VERSION'), 'utf8').trim()
  if (written === String(major)) return
  throw new Error(
    `the database in ${cluster.path} was written by PostgreSQL ${written}, and this release of ${PRODUCT} brings ${major}: ` +
      `start the release that wrote it, or run PostgreSQL ${written} on that folder and set DATABASE_URL, or choose another data directory to begin anew`,
  )
}

function describeCluster(dataDir: string, asRoot: boolean): Cluster {
  const entry = join(dataDir, 'postgres')
  if (!existsSync(entry)) {
    throw new Error(
      `${entry} is a link to ${readlinkSync(entry)}, which is gone: put the database's files back there, or remove the link to begin anew`,
    )
  }
  const path = realpathSync(entry)
  const { uid, gid } = statSync(path)
  if (asRoot && uid === 0)
    throw new Error(`${path} belongs to root, and PostgreSQL refuses to run as root: chown -R it to the account that shall run it`)
  if (!asRoot && uid !== userInfo().uid) {
    throw new Error(`${path} belongs to another user (uid ${uid}): start as that user, or as root if root made it, or chown -R it`)
  }
  const linked = lstatSync(entry).isSymbolicLink()
  const owner = asRoot ? { uid, gid } : undefined
  return { path, log: join(dirname(path), 'postgres.log'), sockets: socketDirectory(path, linked && asRoot), owner }
}

/** 104 bytes for the whole path of a socket on macOS, 108 on Linux, a byte for the end. */
const LONGEST_SOCKET_FOLDER = 103 - '/.s.PGSQL.5432'.length

function socketDirectory(cluster: string, besideCluster: boolean): string {
  const beside = join(dirname(cluster), 'sockets')
  const named = `hawser-${createHash('sha256').update(cluster).digest('hex').slice(0, 16)}`
  const temporary = join(Buffer.byteLength(join(tmpdir(), named)) <= LONGEST_SOCKET_FOLDER ? tmpdir() : '/tmp', named)
  return besideCluster && Buffer.byteLength(beside) <= LONGEST_SOCKET_FOLDER ? beside : temporary
}

/** Builds aside and renames into place: of two first starts exactly one wins, and both go on. */
function createInPlace(native: string, dataDir: string, fsync: boolean): void {
  const aside = mkdtempSync(join(dataDir, 'initdb-'))
  initdb(native, aside, undefined, fsync)
  try {
    renameSync(aside, join(dataDir, 'postgres'))
  } catch (error) {
    rmSync(aside, { recursive: true, force: true })
    if (!entryExists(join(dataDir, 'postgres'))) throw error
  }
}

/**
 * A new random folder for each new data directory, never one derived from its path: after `rm -r` or `mv` of a data directory, the next
 * one at the same path has another key, and must not meet the old database.
 */
function createLinked(native: string, dataDir: string, rootHome: string, owner: Owner, fsync: boolean): void {
  const home = join(rootHome, randomBytes(8).toString('hex'))
  const path = join(home, 'postgres')
  mkdirSync(home, { recursive: true, mode: 0o755 })
  // Whatever the umask is: the server's account must get through.
  for (const folder of [rootHome, home]) chmodSync(folder, 0o755)
  writeFileSync(join(home, 'data-directory'), `${realpathSync(dataDir)}\n`)
  privateDirectory(path, owner)
  try {
    initdb(native, path, owner, fsync)
    symlinkSync(path, join(dataDir, 'postgres'))
  } catch (error) {
    rmSync(home, { recursive: true, force: true })
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

/** Trust on the socket: its directory lets nobody in but the owner and root. The built-in locale is the same on every system. */
function initdb(native: string, path: string, owner: Owner | undefined, fsync: boolean): void {
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8']
  const args = [`--pgdata=${path}`, '--username=postgres', '--auth=trust', ...locale, ...(fsync ? [] : ['--no-sync'])]
  try {
    execFileSync(join(native, 'bin/initdb'), args, { cwd: path, stdio: 'pipe', timeout: 120_000, ...owner })
  } catch (error) {
    rmSync(path, { recursive: true, force: true })
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: Buffer }
    // The file is there: it is the loader that the system lacks (Alpine and others without glibc).
    if (code === 'ENOENT') throw new Error(`PostgreSQL does not run on this system, which has no glibc: ${USE_YOUR_OWN}`, { cause: error })
    throw new Error(`PostgreSQL could not make its files in ${path}: ${stderr?.toString().trim() || String(error)}`, { cause: error })
  }
}

/** The account that the server runs as when this process is root. */
function unprivilegedAccount(): Owner {
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
  const account = accounts.find(([name]) => name === 'postgres') ?? accounts.find(([name]) => name === 'nobody')
  const uid = Number(account?.[2])
  if (!(uid > 0))
    throw new Error(
      `PostgreSQL refuses to run as root, and there is no account postgres or nobody: start as another user, or ${USE_YOUR_OWN}`,
    )
  return { uid, gid: Number(account?.[3]) }
}

function entryExists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}
