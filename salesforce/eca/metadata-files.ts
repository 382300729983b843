import type { OrgKind } from '../org.ts'
import { scopeByName } from '../scopes.ts'
import type { AppOptions, RefreshTokenPolicy } from './app-options.ts'
import { elementTable, listElementTable } from './element-table.ts'
import { DEFAULT_API_VERSION, metadataTypes } from './metadata-types.ts'
import type { FileKind, MetadataType } from './metadata-types.ts'
import { optionAt } from './option-path.ts'
import { gitignore, OPTIONS_FILE, optionsFile, projectJson, readme } from './project-files.ts'
import { xmlFile } from './xml-tree.ts'
import type { XmlNode } from './xml-tree.ts'

export type AppFile = { path: string; content: string }

export type AppFileSettings = {
  /** Decides where `sf` logs in; a sandbox unless given. */
  orgKind?: OrgKind | undefined
  /** Leaves the elements of the Authorization Code and Credentials Flow out, for orgs that refuse a deployment that has them. */
  withoutCodeAndCredentials?: boolean | undefined
  /** Such as `66.0`. */
  apiVersion?: string | undefined
}

/** An sfdx project with the app in it, ready for `sf project deploy start`. The same options give the same files. No credentials. */
export function appFiles(options: AppOptions, settings: AppFileSettings = {}): AppFile[] {
  const version = settings.apiVersion ?? DEFAULT_API_VERSION
  const components = appComponents(options, settings)
  return [
    { path: 'sfdx-project.json', content: projectJson(version, settings.orgKind) },
    { path: '.gitignore', content: gitignore },
    { path: 'README.md', content: readme(options) },
    { path: OPTIONS_FILE, content: optionsFile(options) },
    { path: 'package.xml', content: packageXml(components, version) },
    ...components.map(({ type, name, nodes }) => ({
      path: `force-app/main/default/${type.folder}/${name}.${type.suffix}-meta.xml`,
      content: xmlFile(type.type, nodes),
    })),
  ]
}

export type AppComponent = { type: MetadataType; name: string; nodes: XmlNode[] }

/** The metadata components of the app: five, and a sixth when there is something for it. */
export function appComponents(options: AppOptions, { withoutCodeAndCredentials = false }: AppFileSettings = {}): AppComponent[] {
  const components = metadataTypes.map((type) => {
    const nodes = [...copiedNodes(options, type.kind), ...listNodes(options, type.kind), ...madeNodes(options, type.kind)]
    return { type, name: `${options.apiName}${type.nameEnding}`, nodes }
  })
  return components
    .filter(({ type, nodes }) => type.kind !== 'oauthSecurity' || nodes.length > 0)
    .map(({ type, name, nodes }) => {
      const kept = withoutCodeAndCredentials ? nodes.filter((node) => !CODE_AND_CREDENTIALS_ELEMENTS.includes(node.name)) : nodes
      const common = type.kind === 'app' ? [] : [text('externalClientApplication', options.apiName), text('label', name)]
      return { type, name, nodes: [...kept, ...common] }
    })
}

const CODE_AND_CREDENTIALS_ELEMENTS: readonly string[] = ['isCodeCredFlowEnabled', 'isCodeCredPostOnly', 'isGuestCodeCredFlowEnabled']

export function packageXml(components: readonly Pick<AppComponent, 'type' | 'name'>[], version: string): string {
  const types = components.map(
    ({ type, name }) => `    <types>\n        <members>${name}</members>\n        <name>${type.type}</name>\n    </types>\n`,
  )
  const namespace = 'http://soap.sforce.com/2006/04/metadata'
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="${namespace}">\n${types.join('')}    <version>${version}</version>\n</Package>\n`
}

function copiedNodes(options: AppOptions, kind: FileKind): XmlNode[] {
  const nested = new Map<string, XmlNode[]>()
  const nodes: XmlNode[] = []
  for (const row of elementTable.filter(({ file }) => file === kind)) {
    const value = optionAt(options, row.field)
    if (value === undefined) continue
    const [element = '', inner] = row.element.split('.')
    const content = row.field === 'scopes' ? metadataScopes(options.scopes) : elementText(value, row.kind)
    if (inner === undefined) nodes.push(text(element, content))
    else nested.set(element, [...(nested.get(element) ?? []), text(inner, content)])
  }
  return [...nodes, ...[...nested].map(([name, inner]) => ({ name, nodes: inner }))]
}

function elementText(value: unknown, kind: string): string {
  if (kind === 'negated') return String(value !== true)
  if (Array.isArray(value)) return value.join(kind === 'lines' ? '\n' : ', ')
  return String(value)
}

function metadataScopes(scopes: readonly string[]): string {
  return scopes.map((scope) => scopeByName(scope)?.metadataToken ?? scope).join(', ')
}

function listNodes(options: AppOptions, kind: FileKind): XmlNode[] {
  return listElementTable
    .filter(({ file }) => file === kind)
    .flatMap(({ element, field, parts }) => {
      const entries = (optionAt(options, field) ?? []) as Record<string, string | undefined>[]
      return entries.map((entry) => ({
        name: element,
        nodes: Object.entries(parts).flatMap(([part, member]) => (entry[member] === undefined ? [] : [text(part, entry[member])])),
      }))
    })
}

function madeNodes(options: AppOptions, kind: FileKind): XmlNode[] {
  if (kind === 'app') return [text('isProtected', 'false')]
  if (kind === 'oauthPolicies') return options.refreshTokens ? refreshTokenNodes(options.refreshTokens) : []
  if (kind !== 'policies') return []
  const startPage = options.extras?.startUrl === undefined ? 'None' : 'Custom'
  return [text('isEnabled', 'true'), text('isOauthPluginEnabled', 'true'), text('startPage', startPage)]
}

/** RefreshTokenPolicyType of the WSDL (V) by our names. */
export const REFRESH_TOKEN_POLICIES: Readonly<Record<RefreshTokenPolicy['policy'], string>> = {
  infinite: 'Infinite',
  zero: 'Zero',
  lifetime: 'SpecificLifetime',
  inactivity: 'SpecificInactivity',
}

function refreshTokenNodes(tokens: RefreshTokenPolicy): XmlNode[] {
  const type = text('refreshTokenPolicyType', REFRESH_TOKEN_POLICIES[tokens.policy])
  if (!('unit' in tokens)) return [type]
  const unit = tokens.unit.charAt(0).toUpperCase() + tokens.unit.slice(1)
  return [type, text('refreshTokenValidityPeriod', String(tokens.period)), text('refreshTokenValidityUnit', unit)]
}

function text(name: string, content: string): XmlNode {
  return { name, text: content }
}
