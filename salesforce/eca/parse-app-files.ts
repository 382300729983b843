import { scopeByMetadataToken } from '../scopes.ts'
import { checkAppOptions } from './app-options.ts'
import type { AppContext, AppOptions } from './app-options.ts'
import { elementTable, foreignElements, listElementTable } from './element-table.ts'
import { REFRESH_TOKEN_POLICIES } from './metadata-files.ts'
import type { AppFile } from './metadata-files.ts'
import { metadataTypes } from './metadata-types.ts'
import type { FileKind, MetadataType } from './metadata-types.ts'
import { putOption } from './option-path.ts'
import { childrenNamed, parseXml } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

/** `refused`: the files cannot be deployed or not be understood; `warning`: they can, with a consequence. Values are never repeated. */
export type FileProblem = { severity: 'refused' | 'warning'; path?: string; element?: string; reason: string; fix: string }

/** `options` is there when nothing was refused. */
export type ParsedAppFiles = { options?: AppOptions; problems: FileProblem[] }

type MetadataFile = { type: MetadataType; name: string; path: string; root: XmlElement }

/**
 * Reads the metadata files of one app, from an sfdx project (`-meta.xml`) or a Metadata API folder; other files are passed over.
 * For a folder with several apps, `context.apiName` says which one.
 */
export function parseAppFiles(files: readonly AppFile[], context: AppContext & { apiName?: string } = {}): ParsedAppFiles {
  const problems: FileProblem[] = []
  const read = files.flatMap((file) => readMetadataFile(file, problems) ?? [])
  const names = read.filter(({ type }) => type.kind === 'app').map(({ name }) => name)
  const apiName = context.apiName ?? names[0]
  if (apiName === undefined || !names.includes(apiName)) {
    return {
      problems: [
        ...problems,
        refusal('There is no External Client App in these files.', 'A file ending in .eca or .eca-meta.xml is needed.'),
      ],
    }
  }
  if (names.length > 1 && context.apiName === undefined) {
    return { problems: [...problems, refusal(`There are ${names.length} apps in these files.`, 'Say the API name of the one you mean.')] }
  }
  const draft: Record<string, unknown> = { apiName, scopes: [], flows: {} }
  for (const type of metadataTypes) {
    const own = read.filter((file) => file.type.kind === type.kind && belongsTo(file, apiName, names.length === 1, problems))
    const [file, second] = own
    if (second)
      problems.push({ ...refusal(`There are two files of the type ${type.type}.`, 'Keep one: an app has one.'), path: second.path })
    else if (file) readElements(file, draft, problems)
    else reportMissing(type, problems)
  }
  const checked = checkAppOptions(draft, context)
  for (const { field, reason, fix } of checked.warnings) problems.push({ severity: 'warning', ...placeOf(field), reason, fix })
  if (!checked.ok)
    for (const { field, reason, fix } of checked.problems) problems.push({ severity: 'refused', ...placeOf(field), reason, fix })
  const refusedAny = problems.some(({ severity }) => severity === 'refused')
  return checked.ok && !refusedAny ? { options: checked.options, problems } : { problems }
}

function readMetadataFile({ path, content }: AppFile, problems: FileProblem[]): MetadataFile | undefined {
  const fileName = path.split(/[/\\]/).at(-1) ?? ''
  const match = /^([^.]+)\.([A-Za-z]+)(?:-meta\.xml)?$/.exec(fileName)
  const type = metadataTypes.find(({ suffix }) => suffix === match?.[2])
  const name = match?.[1]
  if (!type || name === undefined) return undefined
  const xml = parseXml(content)
  if (!xml.ok) {
    problems.push({ ...refusal(xml.problem, 'Write the file anew, or take it from version control.'), path })
    return undefined
  }
  if (xml.root.name !== type.type) {
    problems.push({
      ...refusal(`The root element of this file has to be ${type.type}.`, 'Look whether the file has the right name.'),
      path,
    })
    return undefined
  }
  return { type, name, path, root: xml.root }
}

function belongsTo(file: MetadataFile, apiName: string, only: boolean, problems: FileProblem[]): boolean {
  if (file.type.kind === 'app') return file.name === apiName
  const said = childrenNamed(file.root, 'externalClientApplication')[0]?.text.trim()
  if (said === apiName) return true
  // A deployment answers INVALID_CROSS_REFERENCE_KEY (V-obs).
  const reason = 'The element externalClientApplication does not name the app of these files.'
  if (only) problems.push({ ...refusal(reason, `Write ${apiName} there.`), path: file.path, element: 'externalClientApplication' })
  return false
}

function reportMissing({ kind, type }: MetadataType, problems: FileProblem[]): void {
  if (kind === 'globalOauth' || kind === 'oauth') {
    problems.push(
      refusal(
        `The ${type} file is missing.`,
        'Deploy all files of the app together: Salesforce refuses it without a complete OAuth configuration.',
      ),
    )
  }
  if (kind === 'oauthPolicies') {
    const reason =
      'The file of the OAuth policies is missing. Salesforce then makes a policy under which refresh tokens end after 365 days.'
    problems.push({ severity: 'warning', reason, fix: `Add a ${type} file that says how long refresh tokens live.` })
  }
}

const PLUGINS = ['Attest', 'Canvas', 'Mobile', 'Notification', 'Push', 'Saml']

/** Elements that are made, not copied, or that a retrieve adds with the value they have anyway; with the texts they may have. */
const FIXED_ELEMENTS: Partial<Record<FileKind, Readonly<Record<string, readonly string[]>>>> = {
  app: { isProtected: ['false'], managedType: ['Local'] },
  oauth: { isFirstPartyAppEnabled: ['false'] },
  policies: {
    isEnabled: ['true'],
    isOauthPluginEnabled: ['true'],
    startPage: ['None', 'Custom'],
    ...Object.fromEntries(PLUGINS.map((plugin) => [`is${plugin}PluginEnabled`, ['false']])),
  },
}
const READ_TOGETHER: readonly string[] = ['refreshTokenPolicyType', 'refreshTokenValidityPeriod', 'refreshTokenValidityUnit']

function readElements({ type, path, root }: MetadataFile, draft: Record<string, unknown>, problems: FileProblem[]): void {
  const names = new Set(root.children.filter(({ nil }) => !nil).map(({ name }) => name))
  for (const element of names) {
    const found = childrenNamed(root, element)
    const list = listElementTable.find((row) => row.file === type.kind && row.element === element)
    if (list)
      putOption(
        draft,
        list.field,
        found.map((entry) => readParts(entry, list.parts)),
      )
    else if (found.length > 1) problems.push({ ...refusal('The element stands there more than once.', 'Keep one.'), path, element })
    else if (found[0]) readOne(type.kind, element, found[0], draft, (problem) => problems.push({ ...problem, path, element }))
  }
  if (type.kind === 'oauthPolicies') putOption(draft, 'refreshTokens', refreshTokensIn(root))
}

function readOne(
  kind: FileKind,
  element: string,
  found: XmlElement,
  draft: Record<string, unknown>,
  report: (problem: FileProblem) => void,
): void {
  const fixed = FIXED_ELEMENTS[kind]?.[element]
  const nested = elementTable.filter((row) => row.file === kind && row.element.startsWith(`${element}.`))
  const row = elementTable.find((candidate) => candidate.file === kind && candidate.element === element)
  if (row) putOption(draft, row.field, row.field === 'scopes' ? scopesIn(found.text) : valueIn(found.text, row.kind))
  else if (nested.length > 0) {
    for (const { element: full, field, kind: valueKind } of nested) {
      const inner = childrenNamed(found, full.slice(element.length + 1))[0]
      if (inner) putOption(draft, field, valueIn(inner.text, valueKind))
    }
  } else if (fixed) {
    if (!fixed.includes(found.text.trim())) {
      report({ severity: 'warning', reason: 'The element has a value that Hawser does not keep.', fix: `Hawser writes ${fixed[0] ?? ''}.` })
    }
  } else if (foreignElements[element] !== undefined) {
    const severity = element === 'consumerSecret' ? 'refused' : 'warning'
    report({ severity, reason: 'The element does not belong into these files.', fix: foreignElements[element] })
  } else if (element !== 'externalClientApplication' && element !== 'label' && !READ_TOGETHER.includes(element)) {
    report({
      severity: 'warning',
      reason: 'Hawser does not know the element and would not keep it.',
      fix: 'Look whether its name is right.',
    })
  }
}

// What cannot be read is handed on as text, and the check of the options says what belongs there.
function valueIn(text: string, kind: string): unknown {
  const trimmed = text.trim()
  if (kind === 'boolean' || kind === 'negated')
    return trimmed === 'true' ? kind === 'boolean' : trimmed === 'false' ? kind === 'negated' : `${trimmed}?`
  if (kind === 'integer') return /^\d{1,9}$/.test(trimmed) ? Number(trimmed) : `${trimmed}?`
  if (kind === 'lines') return trimmed.split(/\s*\n\s*/).filter((line) => line !== '')
  return kind === 'comma list' ? commaList(trimmed) : trimmed
}

function commaList(text: string): string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function scopesIn(text: string): string[] {
  return commaList(text).map((token) => scopeByMetadataToken(token)?.scope ?? token)
}

function readParts(entry: XmlElement, parts: Readonly<Record<string, string>>): Record<string, string> {
  const pairs = Object.entries(parts).flatMap(([part, member]) => {
    const found = childrenNamed(entry, part)[0]
    return found ? [[member, found.text.trim()] as const] : []
  })
  return Object.fromEntries(pairs)
}

function refreshTokensIn(root: XmlElement): unknown {
  const [type, period, unit] = READ_TOGETHER.map((name) => childrenNamed(root, name)[0]?.text.trim())
  if (type === undefined && period === undefined && unit === undefined) return undefined
  const policy = Object.entries(REFRESH_TOKEN_POLICIES).find(([, value]) => value === type)?.[0] ?? `${type ?? ''}?`
  return {
    policy,
    ...(period === undefined ? {} : { period: valueIn(period, 'integer') }),
    ...(unit === undefined ? {} : { unit: /^(Hours|Days|Months)$/.test(unit) ? unit.toLowerCase() : `${unit}?` }),
  }
}

function placeOf(field: string): { element?: string } {
  const plain = field.replace(/\[\d+\].*$/, '')
  const row = [...elementTable, ...listElementTable].find((candidate) => candidate.field === plain)
  return row ? { element: row.element } : plain.startsWith('refreshTokens') ? { element: 'refreshTokenPolicyType' } : {}
}

function refusal(reason: string, fix: string): FileProblem {
  return { severity: 'refused', reason, fix }
}
