import { scopesKnownByTokenOnly, scopeByMetadataToken } from '../scopes.ts'
import { apiNameFault, apiNameFromLabel } from './api-name.ts'
import type { AppExtras } from './app-extras.ts'
import { checkAppOptions, IP_RELAXATIONS, SESSION_LEVELS } from './app-options.ts'
import type { AppOptions } from './app-options.ts'
import { elementsAt, readConnectedApp, textsAt } from './connected-app.ts'
import type { ConnectedApp } from './connected-app.ts'
import { eligibility } from './eligibility.ts'
import type { EligibilityRow } from './eligibility.ts'
import { droppedElements, migrationDefaults, migrationRules } from './migration-map.ts'
import { optionAt, putOption } from './option-path.ts'
import { childrenNamed } from './xml-tree.ts'
import type { XmlElement } from './xml-tree.ts'

/** `from` is the element of the Connected App (empty: none), `to` that of the new app (empty: none). Never a key or a secret. */
export type MigrationRow = { from: string; to: string; value?: string; why: string }

export type MigrationReport = {
  mapped: MigrationRow[]
  /** The Connected App says nothing, the new app's files say what that means. */
  defaulted: MigrationRow[]
  dropped: MigrationRow[]
  /** Why Setup does not offer the button; the files can be used all the same. */
  blockers: MigrationRow[]
  needsPerson: MigrationRow[]
}

export type MigratedApp =
  | { ok: false; problem: string }
  | {
      ok: true
      options: AppOptions
      /** `options.extras`: what the guide has no field for. */ extras: AppExtras
      report: MigrationReport
      eligibility: EligibilityRow[]
    }

type Work = { app: ConnectedApp; draft: Record<string, unknown>; report: MigrationReport; read: Set<string> }

/** Maps a retrieved Connected App to the options of an External Client App. Never throws. Source: migration.md §4. */
export function migrateConnectedApp(xml: string, fileName: string): MigratedApp {
  const found = readConnectedApp(xml, fileName)
  if (!found.ok) return found
  const { app } = found
  if (elementsAt(app.root, 'oauthConfig').length === 0) {
    return { ok: false, problem: 'The Connected App has no OAuth settings (oauthConfig), so there is nothing for Hawser to connect with.' }
  }
  const report: MigrationReport = { mapped: [], defaulted: [], dropped: [], blockers: [], needsPerson: [] }
  const work: Work = { app, draft: { distribution: 'Local' }, report, read: new Set() }
  report.defaulted.push(row('', 'ExternalClientApplication.distributionState', 'A migrated app works in its own org, as it did.', 'Local'))
  mapName(work)
  for (const map of [mapCopied, mapCallbacks, mapScopes, mapUsers, mapPolicies, mapLists, mapIpBinding, mapDefaults]) map(work)
  reportRest(work)
  const rows = eligibility(app)
  for (const { condition, state, how, element } of rows) {
    if (state === 'not met') report.blockers.push(row(element ?? '', '', `${condition} ${how}`))
    if (state === 'a person must look') report.needsPerson.push(row(element ?? '', '', `${condition} ${how}`))
  }
  const checked = checkAppOptions(work.draft)
  if (!checked.ok) {
    const reasons = checked.problems.map(({ field, reason, fix }) => `${field}: ${reason} ${fix}`)
    return { ok: false, problem: `The Connected App cannot become an External Client App as it is. ${reasons.join(' ')}` }
  }
  for (const { field, reason, fix } of checked.warnings) report.needsPerson.push(row('', field, `${reason} ${fix}`))
  return { ok: true, options: checked.options, extras: checked.options.extras ?? {}, report, eligibility: rows }
}

function row(from: string, to: string, why: string, value?: string): MigrationRow {
  return value === undefined ? { from, to, why } : { from, to, why, value: value.length > 200 ? `${value.slice(0, 200)}…` : value }
}

function mapName({ app, draft, report }: Work): void {
  const plain = app.name.replace(/^[A-Za-z]\w*?__/, '')
  const label = textsAt(app, 'label')[0] ?? plain
  const fits = apiNameFault(plain) === undefined
  const apiName = fits ? plain : apiNameFromLabel(label)
  const to = 'ExternalClientApplication.fullName'
  if (fits) report.mapped.push(row('fullName', to, 'The name of the file.', apiName))
  else report.defaulted.push(row('fullName', to, 'The name of the file is not a name that an External Client App can have.', apiName))
  if (textsAt(app, 'label').length === 0)
    report.defaulted.push(row('label', 'ExternalClientApplication.label', 'The file has none; taken from its name.', label))
  Object.assign(draft, { apiName, label })
}

function mapCopied({ app, draft, report, read }: Work): void {
  for (const { from, to, field, kind } of migrationRules) {
    read.add(from)
    const [text, more] = textsAt(app, from)
    if (text === undefined) continue
    if (more !== undefined) report.dropped.push(row(from, to, 'It stands there more than once; the first one counts.'))
    putOption(draft, field, valueOf(text, kind))
    const why = kind === 'negated' ? 'Same element; the option says it the other way round.' : 'Same meaning.'
    report.mapped.push(row(from, to, why, /certificate/i.test(from) ? undefined : text))
  }
}

// What is no boolean or number is handed on as text: the check of the options then says so.
function valueOf(text: string, kind: string): unknown {
  if (kind === 'text') return text
  if (kind === 'integer') return /^\d{1,9}$/.test(text) ? Number(text) : `${text}?`
  return text === 'true' ? kind === 'boolean' : text === 'false' ? kind === 'negated' : `${text}?`
}

function mapCallbacks({ app, draft, report, read }: Work): void {
  const from = 'oauthConfig.callbackUrl'
  read.add(from)
  const urls = textsAt(app, from).flatMap((text) => text.split(/\s*\n\s*/))
  draft['callbackUrls'] = urls
  if (urls.length > 0)
    report.mapped.push(row(from, 'ExtlClntAppGlobalOauthSettings.callbackUrl', 'One per line, as before.', urls.join(' ')))
}

function mapScopes({ app, draft, report, read }: Work): void {
  const from = 'oauthConfig.scopes'
  const to = 'ExtlClntAppOauthSettings.commaSeparatedOauthScopes'
  read.add(from)
  const tokens = textsAt(app, from)
  const known = tokens.filter((token) => scopeByMetadataToken(token) || scopesKnownByTokenOnly.includes(token))
  if (known.length > 0) {
    draft['scopes'] = known
    report.mapped.push(row(from, to, 'The same tokens, in one element.', known.join(', ')))
  } else if (tokens.length === 0) {
    report.defaulted.push(row(from, to, 'The file names no scope; these are what a connection needs.', 'Api, RefreshToken'))
  }
  if (known.length < tokens.length) {
    const why = 'Hawser does not know every scope of the file. Look in Setup which ones the new app needs as well.'
    report.dropped.push(row(from, to, why))
    report.needsPerson.push(row(from, to, why))
  }
}

function mapUsers({ app, draft, report, read }: Work): void {
  const type = 'ExtlClntAppOauthConfigurablePolicies'
  read.add('oauthConfig.isAdminApproved')
  const approved = textsAt(app, 'oauthConfig.isAdminApproved')[0]
  if (approved !== undefined) {
    const value = approved === 'true' ? 'AdminApprovedPreAuthorized' : 'AllSelfAuthorized'
    draft['permittedUsers'] = value
    report.mapped.push(row('oauthConfig.isAdminApproved', `${type}.permittedUsersPolicyType`, 'Who may use the app.', value))
  }
  for (const [from, element, field] of [
    ['permissionSetName', 'commaSeparatedPermissionSet', 'permissionSets'],
    ['profileName', 'commaSeparatedProfile', 'profiles'],
  ] as const) {
    read.add(from)
    const names = textsAt(app, from)
    if (names.length === 0) continue
    draft[field] = names
    report.mapped.push(row(from, `${type}.${element}`, 'Joined in one element.', names.join(', ')))
  }
}

function mapPolicies(work: Work): void {
  const { app, draft, report, read } = work
  const type = 'ExtlClntAppOauthConfigurablePolicies'
  for (const [from, element, field, allowed] of [
    ['oauthPolicy.ipRelaxation', 'ipRelaxationPolicyType', 'ipRelaxation', IP_RELAXATIONS],
    ['sessionPolicy.sessionLevel', 'requiredSessionLevel', 'requiredSessionLevel', SESSION_LEVELS],
    ['sessionPolicy.policyAction', 'policyAction', 'extras.policyAction', ['Block', 'RaiseSessionLevel', 'StepUpMFA']],
  ] as const) {
    read.add(from)
    const text = textsAt(app, from)[0]
    if (text === undefined) continue
    // The two kinds of app spell the same values in different case.
    const value = allowed.find((one) => one.toLowerCase() === text.toLowerCase())
    if (value === undefined)
      report.needsPerson.push(row(from, `${type}.${element}`, 'The value is not one that the new app knows. Choose one by hand.'))
    else {
      putOption(draft, field, value)
      report.mapped.push(row(from, `${type}.${element}`, 'Same meaning.', value))
    }
  }
  mapRefreshTokens(work)
}

function mapRefreshTokens({ app, draft, report, read }: Work): void {
  const from = 'oauthPolicy.refreshTokenPolicy'
  const to = 'ExtlClntAppOauthConfigurablePolicies.refreshTokenPolicyType'
  read.add(from)
  const text = textsAt(app, from)[0]?.toLowerCase()
  if (text === undefined) return
  const [, limit, period, unit] = /^specific_(lifetime|inactivity):(\d{1,4}):(hours|days|months)$/.exec(text) ?? []
  const value =
    text === 'infinite' || text === 'zero' ? { policy: text } : limit ? { policy: limit, period: Number(period), unit } : undefined
  if (value === undefined) {
    report.needsPerson.push(row(from, to, 'The policy cannot be read. Choose in Setup how long refresh tokens live.'))
    return
  }
  draft['refreshTokens'] = value
  report.mapped.push(row(from, to, 'Type, period and unit are elements of their own now.', text))
}

function mapLists({ app, draft, report, read }: Work): void {
  const type = 'ExtlClntAppOauthSettings'
  const part = (entry: XmlElement, name: string): string => childrenNamed(entry, name)[0]?.text.trim() ?? ''
  for (const [from, element, field, parts] of [
    ['attributes', 'customAttributes', 'extras.customAttributes', { formula: 'formula', key: 'key' }],
    ['ipRanges', 'trustedIpRanges', 'extras.trustedIpRanges', { description: 'description', end: 'end', start: 'start' }],
  ] as const) {
    const entries = elementsAt(app.root, from)
    for (const name of Object.keys(parts)) read.add(`${from}.${name}`)
    if (entries.length === 0) continue
    putOption(
      draft,
      field,
      entries.map((entry) => Object.fromEntries(Object.keys(parts).map((name) => [name, part(entry, name)]))),
    )
    report.mapped.push(row(from, `${type}.${element}`, 'Entry by entry.', `${entries.length} entries`))
  }
}

function mapIpBinding({ app, report, read }: Work): void {
  const from = 'oauthConfig.isIpBindingEnabled'
  read.add(from)
  if (textsAt(app, from)[0] !== 'true') return
  const why =
    'The refresh token IP allowlist is on, but its addresses are not in the file. List them as tokenIpRanges, else the new app has no allowlist.'
  report.needsPerson.push(row(from, 'ExtlClntAppOauthSecuritySettings.tokenIpRanges', why))
}

function mapDefaults({ draft, report }: Work): void {
  for (const { from, to, field, value, why } of migrationDefaults) {
    if (optionAt(draft as AppOptions, field) !== undefined) continue
    putOption(draft, field, value)
    report.defaulted.push(
      row(from, to, why, typeof value === 'object' ? 'Infinite' : String(field === 'secretForWebServerFlow' ? false : value)),
    )
  }
  if (draft['pkce'] === false) {
    const why = 'PKCE is off, as it was. Hawser always sends it: switch it on once no other client needs it off.'
    report.needsPerson.push(row('oauthConfig.isPkceRequired', 'ExtlClntAppGlobalOauthSettings.isPkceRequired', why))
  }
}

/** Everything in the file that no map has read: so that nothing is lost in silence. */
function reportRest({ app, report, read }: Work): void {
  const seen = new Set<string>()
  const visit = (element: XmlElement, path: string): void => {
    if (element.nil || read.has(path) || seen.has(path)) return
    const known = droppedElements[path]
    if (!known && element.children.length > 0) {
      for (const child of element.children) visit(child, `${path}.${child.name}`)
      return
    }
    seen.add(path)
    report.dropped.push(row(path, '', known?.why ?? 'Hawser knows no counterpart for this element.'))
    if (known?.person !== undefined) report.needsPerson.push(row(path, '', known.person))
  }
  for (const child of app.root.children) visit(child, child.name)
  if (elementsAt(app.root, 'plugin').length > 0) {
    report.needsPerson.push(
      row('plugin', 'ExtlClntAppOauthConfigurablePolicies.executeHandlerAs', 'Say as which user the Apex handler runs.'),
    )
  }
}
