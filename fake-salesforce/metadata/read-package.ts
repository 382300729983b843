import { componentOfPath, componentTypes, manifestTypeOf, type ComponentType } from './component-types.ts'
import { deployErrors } from './deploy-errors.ts'
import { parseXml, readComponent, type Problem } from './read-component.ts'
import { unpack } from './unpack.ts'

export interface Component {
  type: ComponentType
  fullName: string
  /** Path in the zip. */
  fileName: string
  fields: Record<string, unknown>
  problems: Problem[]
}

export interface Package {
  apiVersion: number
  components: Component[]
  /** Names of apps that `destructiveChanges*.xml` deletes. */
  deletions: { fullName: string; fileName: string }[]
  /** What is wrong with the package itself, by the file that is to blame. */
  problems: { fileName: string; type: string; fullName: string; problem: Problem }[]
  manifestFile: string
}

export const NEWEST_VERSION = 67

/** Reads a deployment's zip: the manifest, and what it names. Never throws for what the zip holds. */
export function readPackage(zip: Buffer): Package {
  const unpacked = unpack(zip, (path) => /(^|\/)(package|destructiveChanges(Pre|Post)?)\.xml$/.test(path) || isComponent(path))
  if (unpacked === 'broken') return broken(deployErrors.badZip())
  if (unpacked === 'too-big') return broken(deployErrors.bigZip())
  const manifestFile = unpacked.paths.filter((path) => /^([^/]+\/)?package\.xml$/.test(path)).toSorted((a, b) => a.length - b.length)[0]
  if (manifestFile === undefined) return broken(deployErrors.noManifest())
  const root = manifestFile.slice(0, -'package.xml'.length)
  const manifest = readManifest(unpacked.files.get(manifestFile) ?? '')
  if ('problem' in manifest) return broken(manifest, manifestFile)
  const found: Package = { apiVersion: manifest.apiVersion, components: [], deletions: [], problems: [], manifestFile }
  const named = (type: string, name: string): boolean => manifest.members.get(type)?.some((one) => one === '*' || one === name) === true
  for (const path of unpacked.paths) {
    if (path === manifestFile || !path.startsWith(root)) continue
    const below = path.slice(root.length)
    if (/^destructiveChanges(Pre|Post)?\.xml$/.test(below)) addDeletions(found, path, unpacked.files.get(path) ?? '')
    else addComponent(found, path, below, unpacked.files.get(path) ?? '', named)
  }
  for (const [type, members] of manifest.members) addMissing(found, type, members)
  return found
}

function isComponent(path: string): boolean {
  return componentOfPath(path) !== undefined || componentOfPath(path.replace(/^[^/]+\//, '')) !== undefined
}

function broken(problem: Problem, manifestFile = 'package.xml'): Package {
  const problems = [{ fileName: manifestFile, type: '', fullName: 'package.xml', problem }]
  return { apiVersion: NEWEST_VERSION, components: [], deletions: [], problems, manifestFile }
}

function readManifest(text: string): { apiVersion: number; members: Map<string, string[]> } | Problem {
  const parsed = parseXml(text)
  if ('problem' in parsed) return parsed
  if (parsed.root !== 'Package') return deployErrors.wrongRoot(parsed.root, 'Package')
  const version = String(parsed.content['version'] ?? '')
  const apiVersion = /^\d{2}\.0$/.test(version) ? Number(version) : NaN
  if (!(apiVersion >= 31 && apiVersion <= NEWEST_VERSION)) return deployErrors.badVersion(version)
  const members = new Map<string, string[]>()
  for (const one of listOf(parsed.content['types'])) {
    const { name, members: names } = (typeof one === 'object' && one !== null ? one : {}) as { name?: unknown; members?: unknown }
    if (typeof name !== 'string') return deployErrors.missingField('name')
    members.set(name, [...(members.get(name) ?? []), ...listOf(names).map(String)])
  }
  return { apiVersion, members }
}

function listOf(value: unknown): unknown[] {
  return value === undefined || value === '' ? [] : Array.isArray(value) ? value : [value]
}

function addComponent(found: Package, path: string, below: string, text: string, named: (type: string, name: string) => boolean): void {
  const component = componentOfPath(below)
  if (component === undefined) {
    found.problems.push({ fileName: path, type: '', fullName: below, problem: deployErrors.unknownFile(below) })
    return
  }
  const { type, fullName } = component
  if (!named(manifestTypeOf(type), fullName)) {
    found.problems.push({ fileName: path, type: type.name, fullName, problem: deployErrors.notInManifest() })
    return
  }
  found.components.push({ type, fullName, fileName: path, ...readComponent(type, text, found.apiVersion) })
}

function addMissing(found: Package, manifestType: string, members: string[]): void {
  const fileName = found.manifestFile
  const type = componentTypes.find((one) => manifestTypeOf(one) === manifestType)
  if (type === undefined || type.sinceVersion > found.apiVersion) {
    found.problems.push({ fileName, type: '', fullName: manifestType, problem: deployErrors.unknownType(manifestType) })
    return
  }
  for (const name of members) {
    const inZip = [...found.components, ...found.problems.map((one) => ({ type: { name: one.type }, fullName: one.fullName }))]
    if (name === '*' || inZip.some((one) => one.type.name === type.name && one.fullName === name)) continue
    found.problems.push({ fileName, type: type.name, fullName: name, problem: deployErrors.notInZip(manifestType, name) })
  }
}

function addDeletions(found: Package, fileName: string, text: string): void {
  const parsed = parseXml(text)
  if ('problem' in parsed) {
    found.problems.push({ fileName, type: '', fullName: 'destructiveChanges.xml', problem: parsed })
    return
  }
  for (const one of listOf(parsed.content['types'])) {
    const { name, members } = (typeof one === 'object' && one !== null ? one : {}) as { name?: unknown; members?: unknown }
    // An app's other components go with it.
    if (name === 'ExternalClientApplication')
      for (const member of listOf(members)) found.deletions.push({ fullName: String(member), fileName })
  }
}
