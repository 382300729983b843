import { appOfOrg, appWithKey } from '../orgs/add-app.ts'
import { isSandboxFamily, type Org, type State, type User } from '../state.ts'
import { deployErrors } from './deploy-errors.ts'
import { ipRangesOf } from './ip-ranges.ts'
import type { Problem } from './read-component.ts'
import type { Component } from './read-package.ts'
import { commaSeparated, scopeTokens } from './scope-tokens.ts'

interface Context {
  state: State
  org: Org
  user: User
  components: Component[]
}

type Check = (context: Context, component: Component) => Problem[]

const CHECKS: Record<string, Check> = {
  ExternalClientApplication: checkHeader,
  ExtlClntAppGlobalOauthSettings: checkGlobal,
  ExtlClntAppOauthSettings: checkOauth,
  ExtlClntAppOauthConfigurablePolicies: checkPolicies,
  ExtlClntAppConfigurablePolicies: () => [],
  ExtlClntAppOauthSecuritySettings: (_context, { fields }) => rangeProblems(fields['tokenIpRanges'], true),
  ExternalClientAppSettings: () => [],
  ConnectedApp: checkConnectedApp,
}

/** The problems of a component that its file alone does not show: names, references, permissions, what the org allows. */
export function problemsInOrg(context: Context, component: Component): Problem[] {
  if (!context.user.permissions.externalClientAppDeveloper && component.type.name !== 'ConnectedApp') {
    return [deployErrors.noDeveloperPermission()]
  }
  const problems = CHECKS[component.type.name]?.(context, component) ?? []
  const app = component.fields['externalClientApplication']
  if (typeof app !== 'string' || knowsApp(context, app)) return problems
  return [deployErrors.unknownApp(app), ...problems]
}

/** The app that a component belongs to; null for org-wide settings. */
export function appNameOf(component: Component): string | null {
  if (component.type.name === 'ExternalClientApplication') return component.fullName
  const app = component.fields['externalClientApplication']
  return typeof app === 'string' ? app : null
}

function knowsApp({ state, org, components }: Context, name: string): boolean {
  const inZip = components.some((one) => one.type.name === 'ExternalClientApplication' && one.fullName.toLowerCase() === name.toLowerCase())
  return inZip || appOfOrg(state, org.key, name)?.type === 'eca'
}

/** Whether the app has such a component, in this deployment or in the org. Apps that were not deployed have all. */
function hasComponent({ state, org, components }: Context, appName: string, type: string): boolean {
  const inZip = components.some((one) => one.type.name === type && appNameOf(one)?.toLowerCase() === appName.toLowerCase())
  const metadata = appOfOrg(state, org.key, appName)?.metadata
  return inZip || (metadata !== undefined && (Object.keys(metadata).length === 0 || metadata[type] !== undefined))
}

function checkHeader({ state, org }: Context, { fullName, fields }: Component): Problem[] {
  const problems: Problem[] = []
  if (!/^[A-Za-z](?:_?[A-Za-z0-9])*$/.test(fullName)) problems.push(deployErrors.badName(fullName))
  const existing = appOfOrg(state, org.key, fullName)
  if (existing?.type === 'ca') problems.push(deployErrors.takenName(fullName))
  const distribution = fields['distributionState']
  if (distribution === 'Packaged' && isSandboxFamily(org)) problems.push(deployErrors.packagedInSandbox())
  if (distribution === 'Managed' || distribution === 'AutoInstalled') {
    problems.push(deployErrors.badEnum('distributionState', distribution, ['Local', 'Packaged']))
  }
  return problems
}

function checkGlobal(context: Context, component: Component): Problem[] {
  const { state, org, components } = context
  const { fields } = component
  const appName = String(fields['externalClientApplication'] ?? '')
  const problems: Problem[] = []
  if (appName !== '' && !hasComponent(context, appName, 'ExtlClntAppOauthSettings')) problems.push(deployErrors.noOauthSettings())
  if (fields['isCodeCredFlowEnabled'] === true && org.refusesCodeCred) problems.push(deployErrors.codeCredRefused())
  for (const url of callbackUrlsOf(fields['callbackUrl'])) if (!isCallback(url)) problems.push(deployErrors.badCallback(url))
  const key = fields['consumerKey']
  if (typeof key === 'string') {
    const existing = appOfOrg(state, org.key, appName)
    const owner = appWithKey(state, key)
    const twice = components.some((one) => one !== component && one.fields['consumerKey'] === key)
    if (!/^[A-Za-z0-9._]{8,256}$/.test(key)) problems.push(deployErrors.badKey())
    else if (twice || (owner !== undefined && owner !== existing)) problems.push(deployErrors.takenKey())
    else if (existing !== undefined && existing.consumers.length > 0 && owner === undefined) problems.push(deployErrors.keyFixed())
  }
  for (const command of ['shouldRotateConsumerKey', 'shouldRotateConsumerSecret']) {
    if (fields[command] === true) problems.push({ ...deployErrors.rotateCommand(command), warning: true })
  }
  return problems
}

function checkOauth(context: Context, { fields }: Component): Problem[] {
  const appName = String(fields['externalClientApplication'] ?? '')
  const problems: Problem[] = []
  if (appName !== '' && !hasComponent(context, appName, 'ExtlClntAppGlobalOauthSettings')) problems.push(deployErrors.noGlobalSettings())
  const unknown = commaSeparated(fields['commaSeparatedOauthScopes']).filter((token) => !Object.hasOwn(scopeTokens, token))
  if (unknown.length > 0) problems.push(deployErrors.badScopes(unknown, Object.keys(scopeTokens)))
  return [...problems, ...rangeProblems(fields['trustedIpRanges'], false)]
}

function checkPolicies(_context: Context, { fields }: Component): Problem[] {
  const policy = fields['refreshTokenPolicyType']
  const timed = policy === 'SpecificLifetime' || policy === 'SpecificInactivity'
  const complete = fields['refreshTokenValidityPeriod'] !== undefined && fields['refreshTokenValidityUnit'] !== undefined
  return timed && !complete ? [deployErrors.missingPeriod()] : []
}

function checkConnectedApp({ state, org }: Context, { fullName }: Component): Problem[] {
  const exists = appOfOrg(state, org.key, fullName)?.type === 'ca'
  return [!exists && org.caCreationBlocked ? deployErrors.connectedAppBlocked() : deployErrors.connectedAppUnsupported()]
}

/** Salesforce's limit on addresses is for token ranges; the trusted ranges are limited in number only. */
function rangeProblems(given: unknown, limited: boolean): Problem[] {
  const { ranges, bad, addresses } = ipRangesOf(given)
  const problems: Problem[] = bad.map((one) => deployErrors.badIpRange(one))
  if (ranges.length + bad.length > 128 || (limited && addresses > 256)) problems.push(deployErrors.tooManyIps())
  return problems
}

/** Several URLs stand in one element, a line each. */
export function callbackUrlsOf(text: unknown): string[] {
  return typeof text === 'string' ? text.split(/\s+/).filter((url) => url !== '') : []
}

function isCallback(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null
  if (url === null || url.hash !== '') return false
  if (url.protocol === 'http:') return url.hostname === 'localhost'
  return url.protocol !== 'javascript:' && url.protocol !== 'data:'
}
