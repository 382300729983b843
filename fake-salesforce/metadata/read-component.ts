import { XMLParser, XMLValidator } from 'fast-xml-parser'
import type { ComponentType, FieldKind } from './component-types.ts'
import { deployErrors, type DeployError } from './deploy-errors.ts'

export interface Problem extends DeployError {
  line?: number
  column?: number
  /** Counts as a failure unless the deployment ignores warnings. */
  warning?: boolean
}

export interface ReadComponent {
  /** Booleans and numbers converted; elements that are absent are absent. */
  fields: Record<string, unknown>
  problems: Problem[]
}

const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, trimValues: true, htmlEntities: true })

/** The root element and its content, or why there is none. A document type is refused: it is where entity bombs live. */
export function parseXml(text: string): { root: string; content: Record<string, unknown> } | Problem {
  if (/<!DOCTYPE/i.test(text)) return deployErrors.doctype()
  const valid = XMLValidator.validate(text)
  if (valid !== true) return { ...deployErrors.badXml(valid.err.msg), line: valid.err.line, column: valid.err.col }
  let document: Record<string, unknown>
  try {
    document = parser.parse(text) as Record<string, unknown>
  } catch (error) {
    return deployErrors.badXml(error instanceof Error ? error.message : 'unreadable')
  }
  const [root, ...more] = Object.keys(document).filter((name) => !name.startsWith('?'))
  if (root === undefined || more.length > 0) return deployErrors.badXml('there is no single root element')
  const content = document[root]
  return { root, content: isObject(content) ? content : {} }
}

/** Reads one metadata file against what its type allows at this API version. */
export function readComponent(type: ComponentType, text: string, apiVersion: number): ReadComponent {
  const parsed = parseXml(text)
  if ('problem' in parsed) return { fields: {}, problems: [parsed] }
  if (parsed.root !== type.name) return { fields: {}, problems: [deployErrors.wrongRoot(parsed.root, type.name)] }
  // What a connected app is made of is not looked at: the fake only says that it cannot be created.
  if (type.name === 'ConnectedApp') return { fields: {}, problems: [] }
  const fields: Record<string, unknown> = {}
  const problems: Problem[] = []
  for (const [element, value] of Object.entries(parsed.content)) {
    const kind = Object.hasOwn(type.fields, element) ? type.fields[element] : undefined
    if (kind === undefined || (type.fieldSince?.[element] ?? 0) > apiVersion) {
      problems.push({ ...deployErrors.unknownElement(element, type.name), ...placeOf(text, element) })
      continue
    }
    const read = converted(type, element, kind, value)
    if (isProblem(read)) problems.push({ ...read, ...placeOf(text, element) })
    else if (read !== undefined) fields[element] = read
  }
  for (const field of type.required) if (fields[field] === undefined) problems.push(deployErrors.missingField(field))
  return { fields, problems }
}

/** The value in its type; undefined for an empty element, which counts as absent. */
function converted(type: ComponentType, element: string, kind: FieldKind, value: unknown): unknown {
  if (kind === 'groups') return Array.isArray(value) ? value : value === '' ? undefined : [value]
  if (Array.isArray(value)) return deployErrors.repeatedElement(element, type.name)
  if (kind === 'group') return isObject(value) ? value : undefined
  if (typeof value !== 'string') return deployErrors.unknownElement(Object.keys(value as object)[0] ?? '', type.name)
  if (value === '') return undefined
  if (kind === 'text') return value
  if (kind === 'boolean')
    return value === 'true' || value === '1' ? true : value === 'false' || value === '0' ? false : deployErrors.badBoolean(value)
  if (kind === 'int') return /^-?\d{1,9}$/.test(value) ? Number(value) : deployErrors.badInt(value)
  return kind.includes(value) ? value : deployErrors.badEnum(element, value, shownValues(element, kind))
}

/** `Managed` and `AutoInstalled` are internal, and nobody may write them. */
function shownValues(element: string, kind: readonly string[]): readonly string[] {
  return element === 'distributionState' ? kind.slice(0, 2) : kind
}

function placeOf(text: string, element: string): { line: number; column: number } {
  const at = Math.max(0, text.indexOf(`<${element}`))
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}

function isProblem(value: unknown): value is DeployError {
  return isObject(value) && typeof value['problem'] === 'string' && typeof value['confidence'] === 'string'
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
