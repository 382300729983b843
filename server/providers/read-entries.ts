/** Reads entries from files: YAML or JSON, one entry a file (named by the file) or a map of them. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import { parse } from 'yaml'
import type { CatalogueProblem } from './catalogue.ts'

export interface RawEntry {
  name: string
  file: string
  /** As parsed, unchecked. */
  value: unknown
}

const EXTENSIONS: readonly string[] = ['.yaml', '.yml', '.json']
const MAX_BYTES = 16 * 1024 * 1024

/** Entries of a file, or of all catalogue files right inside a folder. A file that cannot be read becomes a problem. */
export async function readEntries(path: string, problems: CatalogueProblem[]): Promise<RawEntry[]> {
  const entries: RawEntry[] = []
  for (const file of await catalogueFiles(path, problems)) {
    try {
      entries.push(...entriesOf(file, await parsed(file)))
    } catch (error) {
      problems.push({ file, path: '', reason: reasonOf(error) })
    }
  }
  return entries
}

async function catalogueFiles(path: string, problems: CatalogueProblem[]): Promise<string[]> {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
    const names = await readdir(path)
    return names
      .filter((name) => EXTENSIONS.includes(extname(name)))
      .sort()
      .map((name) => join(path, name))
  } catch (error) {
    problems.push({ file: path, path: '', reason: reasonOf(error) })
    return []
  }
}

async function parsed(file: string): Promise<unknown> {
  if (!EXTENSIONS.includes(extname(file))) throw new Error('A catalogue file ends in .yaml, .yml or .json')
  if ((await stat(file)).size > MAX_BYTES) throw new Error('The file is larger than 16 MiB')
  const text = await readFile(file, 'utf8')
  return extname(file) === '.json' ? (JSON.parse(text) as unknown) : (parse(text) as unknown)
}

/** A single entry says how it authorises or what it is an alias of; a map's values do. */
function entriesOf(file: string, value: unknown): RawEntry[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Error('The file must hold an entry or a map of entries')
  if (typeof (value as { auth_mode?: unknown }).auth_mode === 'string' || typeof (value as { alias?: unknown }).alias === 'string') {
    return [{ name: basename(file, extname(file)), file, value }]
  }
  return Object.entries(value).map(([name, entry]) => ({ name, file, value: entry as unknown }))
}

/** YAML's reasons go on with a picture of the place, for a terminal of its own. */
function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error)
  return text.split('\n')[0]!.replace(/:$/, '')
}
