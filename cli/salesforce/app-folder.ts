/** The folder of an app: a Salesforce DX project that can be kept in git. Secrets never come near it. */
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { dirname, join, relative, resolve, sep } from 'node:path'
import { CommandFailure } from '../output.ts'

export const DEFAULT_FOLDER = 'salesforce-app'

export interface AppFile {
  /** Below the folder, with `/`. */
  path: string
  content: string
}

const LARGEST_FILE = 1024 * 1024
const MOST_FILES = 2_000
const DEEPEST = 12
/** Not of the app: never read, and no reason to call a folder used. */
const PASSED_BY: readonly string[] = ['.git', 'node_modules', '.sf', '.sfdx', '.DS_Store']

export async function folderExists(folder: string): Promise<boolean> {
  try {
    return (await stat(folder)).isDirectory()
  } catch {
    return false
  }
}

/** Throws when something is in the folder, unless `force`: then only the files named here are written over. */
export async function writeAppFolder(folder: string, files: readonly AppFile[], { force }: { force: boolean }): Promise<void> {
  const root = resolve(folder)
  if (!force && (await folderExists(root)) && (await readdir(root)).some((name) => !PASSED_BY.includes(name)))
    throw new CommandFailure(`${folder} is not empty. Choose another folder, or write over the app's files in it with --force.`)
  for (const { path, content } of files) {
    const target = resolve(root, path)
    if (!target.startsWith(root + sep)) throw new Error(`a file outside of the folder: ${path}`)
    await mkdir(dirname(target), { recursive: true })
    await writeFile(target, content)
  }
}

/** Every metadata file of the folder: text files that end in `.xml` or have a suffix of an app. */
export async function readAppFolder(folder: string): Promise<AppFile[]> {
  const root = resolve(folder)
  if (!(await folderExists(root)))
    throw new CommandFailure(`There is no folder ${folder}. Make one with: npm run hawser -- salesforce app create ${folder}`)
  const files: AppFile[] = []
  await collect(root, root, 0, files)
  return files
}

const OF_AN_APP = /\.eca[A-Za-z]*(-meta\.xml)?$/

async function collect(root: string, folder: string, depth: number, files: AppFile[]): Promise<void> {
  if (depth > DEEPEST) return
  // Links are left alone: they could lead anywhere.
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (PASSED_BY.includes(entry.name)) continue
    if (entry.isDirectory()) await collect(root, path, depth + 1, files)
    if (!entry.isFile() || !OF_AN_APP.test(entry.name)) continue
    if (files.length >= MOST_FILES || (await stat(path)).size > LARGEST_FILE)
      throw new CommandFailure(`${folder} holds more than an app: too many files, or too large ones.`)
    files.push({ path: relative(root, path).split(sep).join('/'), content: await readFile(path, 'utf8') })
  }
}
