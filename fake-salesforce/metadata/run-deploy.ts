import { appOfOrg } from '../orgs/add-app.ts'
import { orgByKey } from '../orgs/add-org.ts'
import { userByName } from '../orgs/add-user.ts'
import { removeApp } from '../orgs/end-access.ts'
import type { Org, State } from '../state.ts'
import { appNameOf, problemsInOrg } from './check-components.ts'
import type { Deploy, DeployMessage } from './deploy.ts'
import { deployErrors } from './deploy-errors.ts'
import type { Problem } from './read-component.ts'
import { readPackage, type Component, type Package } from './read-package.ts'
import { registerApp } from './register-app.ts'

/** Carries a deployment out: checks everything first, then registers what may be. One failure stops all unless `rollbackOnError` is off. */
export function runDeploy(state: State, deploy: Deploy): void {
  const org = orgByKey(state, deploy.orgKey)
  const found = readPackage(deploy.zip)
  const { ignoreWarnings, rollbackOnError, checkOnly } = deploy.options
  const context = { state, org, user: userByName(state, deploy.username), components: found.components }
  for (const component of found.components) component.problems.push(...problemsInOrg(context, component))
  const fatal = (problem: Problem): boolean => problem.warning !== true || !ignoreWarnings
  const packageFails = found.problems.length > 0 || found.deletions.some(({ fullName }) => appOfOrg(state, org.key, fullName) === undefined)
  const anyFails = packageFails || found.components.some((one) => one.problems.some(fatal))
  const failingApps = new Set(found.components.filter((one) => one.problems.some(fatal)).map((one) => appNameOf(one) ?? ''))
  const mayApply = (component: Component): boolean =>
    !component.problems.some(fatal) && (!anyFails || (!rollbackOnError && !failingApps.has(appNameOf(component) ?? '')))
  const applied = found.components.filter(mayApply)
  deploy.messages = [...deletionsOf(state, org, found), ...messagesOf(state, org, found, fatal)]
  deploy.completedAt = state.clock.now()
  deploy.status = !anyFails ? 'Succeeded' : !rollbackOnError && applied.length > 0 ? 'SucceededPartial' : 'Failed'
  // Only a validation is ever deployed again.
  if (!checkOnly || anyFails) deploy.zip = Buffer.alloc(0)
  if (checkOnly || deploy.status === 'Failed') return
  apply(state, org, applied)
  if (anyFails) return
  for (const { fullName } of found.deletions) {
    const app = appOfOrg(state, org.key, fullName)
    if (app !== undefined) removeApp(state, app)
  }
}

function apply(state: State, org: Org, components: Component[]): void {
  const settings = components.find((one) => one.type.name === 'ExternalClientAppSettings')
  if (settings !== undefined) org.ecaSecretRest = settings.fields['enableClientSecretInRestApiAccess'] === true
  const byApp = Map.groupBy(components, (one) => appNameOf(one)?.toLowerCase() ?? '')
  for (const [key, own] of byApp) {
    const name = own.find((one) => one.type.name === 'ExternalClientApplication')?.fullName ?? appNameOf(own[0] as Component)
    if (key !== '' && name !== null) registerApp(state, org, name, own)
  }
}

function messagesOf(state: State, org: Org, found: Package, fatal: (problem: Problem) => boolean): DeployMessage[] {
  const messages: DeployMessage[] = []
  for (const { fileName, type, fullName, problem } of found.problems) {
    messages.push(failure({ componentType: type, fullName, fileName }, problem))
  }
  for (const { type, fullName, fileName, problems } of found.components) {
    const base = { componentType: type.name, fullName, fileName }
    const bad = problems.filter(fatal)
    messages.push(...bad.map((problem) => failure(base, problem)))
    if (bad.length > 0) continue
    const before =
      type.name === 'ExternalClientAppSettings' || isInOrg(state, org, found, { type, fullName, fileName, fields: {}, problems })
    const warning = problems[0]
    messages.push({
      ...base,
      outcome: before ? 'changed' : 'created',
      problem: warning?.problem ?? null,
      problemType: warning === undefined ? null : 'Warning',
      lineNumber: null,
      columnNumber: null,
    })
  }
  if (found.problems.every((one) => one.fullName !== 'package.xml')) {
    const base = { componentType: '', fullName: 'package.xml', fileName: found.manifestFile }
    messages.push({ ...base, outcome: 'changed', problem: null, problemType: null, lineNumber: null, columnNumber: null })
  }
  return messages
}

function isInOrg(state: State, org: Org, found: Package, { type, fullName }: Component): boolean {
  const component = found.components.find((one) => one.type === type && one.fullName === fullName)
  const app = component === undefined ? undefined : appOfOrg(state, org.key, appNameOf(component) ?? '')
  return app !== undefined && (type.name === 'ExternalClientApplication' || app.metadata[type.name]?.fullName === fullName)
}

function deletionsOf(state: State, org: Org, found: Package): DeployMessage[] {
  return found.deletions.map(({ fullName, fileName }) => {
    const base = { componentType: 'ExternalClientApplication', fullName, fileName }
    if (appOfOrg(state, org.key, fullName) === undefined) return failure(base, deployErrors.unknownApp(fullName))
    return { ...base, outcome: 'deleted', problem: null, problemType: null, lineNumber: null, columnNumber: null }
  })
}

function failure(base: Pick<DeployMessage, 'componentType' | 'fullName' | 'fileName'>, problem: Problem): DeployMessage {
  return {
    ...base,
    outcome: 'failed',
    problem: problem.problem,
    problemType: problem.warning === true ? 'Warning' : 'Error',
    lineNumber: problem.line ?? null,
    columnNumber: problem.column ?? null,
  }
}
