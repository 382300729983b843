import { namedErrors, restErrors } from '../error-table.ts'
import { sameId } from '../ids.ts'
import { assertMethod, jsonObject, type Call } from '../data/call.ts'
import { refuseRest } from '../data/rest-refusal.ts'
import { salesforceTime } from '../data/times.ts'
import { json, type Reply } from '../reply.ts'
import type { Deploy, DeployMessage } from './deploy.ts'
import { multipartOf } from './multipart.ts'
import { runDeploy } from './run-deploy.ts'

const MANY = 200
const DONE = new Set<Deploy['status']>(['Succeeded', 'SucceededPartial', 'Failed', 'Canceled'])

/** `/metadata/deployRequest` (Metadata API guide, "Deploy using REST"); `segments` starts after `metadata`. */
export function metadataResource(call: Call, segments: string[]): Reply {
  const [resource, id, ...rest] = segments
  if (resource !== 'deployRequest' || rest.length > 0) throw refuseRest(restErrors.notFound)
  if (!call.user.permissions.modifyMetadata) throw refuseRest(restErrors.noMetadataPermission)
  if (id === undefined) {
    assertMethod(call, 'POST')
    return json(201, viewOf(call, start(call), false))
  }
  assertMethod(call, 'GET', 'PATCH')
  const deploy = [...call.state.deploys.values()].find((one) => one.orgKey === call.org.key && sameId(one.id, id))
  if (deploy === undefined) throw refuseRest(restErrors.notFound)
  if (call.method === 'PATCH') return cancel(call, deploy)
  poll(call, deploy)
  return json(200, viewOf(call, deploy, call.query.get('includeDetails') === 'true'))
}

/** `POST`: a multipart request with options and zip, or the id of a validation that is to be deployed now. */
function start(call: Call): Deploy {
  const contentType = call.headers['content-type'] ?? ''
  const deploy = /^application\/json/i.test(contentType) ? fromValidation(call) : fromZip(call, contentType)
  const { state } = call
  for (const key of state.deploys.keys()) {
    if (state.deploys.size < MANY) break
    state.deploys.delete(key)
  }
  state.deploys.set(deploy.id, deploy)
  if (state.knobs.deployPolls === 0) runDeploy(state, deploy)
  return deploy
}

function newDeploy(call: Call, zip: Buffer, options: Deploy['options']): Deploy {
  return {
    id: call.state.ids.next('0Af'),
    orgKey: call.org.key,
    username: call.user.username,
    options,
    zip,
    apiVersion: Number(call.base.replace(/^.*v/, '')),
    status: 'Pending',
    polls: 0,
    createdAt: call.state.clock.now(),
    completedAt: null,
    messages: [],
  }
}

function fromZip(call: Call, contentType: string): Deploy {
  const parts = multipartOf(contentType, call.body)
  const optionsPart =
    parts?.find((part) => /json/i.test(part.contentType)) ?? parts?.find((part) => part.name === 'entity_content' || part.name === 'json')
  const zip = parts?.find((part) => part !== optionsPart && (part.filename !== null || /zip|octet-stream/i.test(part.contentType)))
  if (optionsPart === undefined || zip === undefined) throw refuseRest(restErrors.badMultipart)
  const { deployOptions } = jsonObject(optionsPart.body)
  const given = (typeof deployOptions === 'object' && deployOptions !== null ? deployOptions : {}) as Record<string, unknown>
  const options = {
    checkOnly: given['checkOnly'] === true,
    ignoreWarnings: given['ignoreWarnings'] === true,
    rollbackOnError: given['rollbackOnError'] === true,
  }
  // Metadata API guide: "must be set to true if you are deploying to a production organization".
  if (!options.rollbackOnError && call.org.kind === 'production') throw refuseRest(restErrors.rollbackRequired)
  return newDeploy(call, Buffer.from(zip.body), options)
}

function fromValidation(call: Call): Deploy {
  const { validatedDeployRequestId } = jsonObject(call.body)
  const id = typeof validatedDeployRequestId === 'string' ? validatedDeployRequestId : ''
  const validated = [...call.state.deploys.values()].find((one) => one.orgKey === call.org.key && sameId(one.id, id))
  if (validated === undefined || !validated.options.checkOnly || validated.status !== 'Succeeded') {
    throw refuseRest(namedErrors.notValidated(id))
  }
  return newDeploy(call, validated.zip, { ...validated.options, checkOnly: false })
}

function poll(call: Call, deploy: Deploy): void {
  if (DONE.has(deploy.status)) return
  deploy.polls += 1
  if (deploy.polls >= call.state.knobs.deployPolls) runDeploy(call.state, deploy)
  else deploy.status = 'InProgress'
}

/** `PATCH {"deployResult":{"status":"Canceling"}}` */
function cancel(call: Call, deploy: Deploy): Reply {
  const { deployResult } = jsonObject(call.body)
  const status = (deployResult as { status?: unknown } | null | undefined)?.status
  if (status !== 'Canceling') throw refuseRest(restErrors.badJson)
  if (DONE.has(deploy.status)) throw refuseRest(restErrors.deployDone)
  deploy.status = 'Canceled'
  deploy.completedAt = call.state.clock.now()
  return json(202, viewOf(call, deploy, false))
}

function viewOf(call: Call, deploy: Deploy, details: boolean): Record<string, unknown> {
  const { checkOnly, ignoreWarnings, rollbackOnError } = deploy.options
  const components = deploy.messages.filter((one) => one.fullName !== 'package.xml' || one.outcome === 'failed')
  const failed = components.filter((one) => one.outcome === 'failed')
  const user = call.state.users.get(deploy.username)
  const created = salesforceTime(deploy.createdAt)
  const completed = deploy.completedAt === null ? null : salesforceTime(deploy.completedAt)
  const who = { id: user?.id ?? null, name: user === undefined ? null : `${user.firstName} ${user.lastName}` }
  return {
    id: deploy.id,
    url: `${call.state.origins.org(call.org.key)}${call.base}/metadata/deployRequest/${deploy.id}${details ? '?includeDetails=true' : ''}`,
    deployOptions: deploy.status === 'Pending' ? { ...deploy.options, singlePackage: true } : null,
    deployResult: {
      id: deploy.id,
      status: deploy.status,
      done: DONE.has(deploy.status),
      success: deploy.status === 'Succeeded' || deploy.status === 'SucceededPartial',
      checkOnly,
      ignoreWarnings,
      rollbackOnError,
      runTestsEnabled: false,
      numberComponentsTotal: components.length,
      numberComponentErrors: failed.length,
      numberComponentsDeployed: deploy.status === 'Failed' ? 0 : components.length - failed.length,
      numberTestsTotal: 0,
      numberTestsCompleted: 0,
      numberTestErrors: 0,
      createdBy: who.id,
      createdByName: who.name,
      createdDate: created,
      startDate: created,
      lastModifiedDate: completed ?? created,
      completedDate: completed,
      canceledBy: deploy.status === 'Canceled' ? who.id : null,
      canceledByName: deploy.status === 'Canceled' ? who.name : null,
      errorMessage: null,
      errorStatusCode: null,
      stateDetail: null,
      details: details ? detailsOf(deploy) : null,
    },
  }
}

function detailsOf(deploy: Deploy): Record<string, unknown> {
  const messages = deploy.messages.map((one) => messageOf(deploy, one))
  return {
    componentFailures: messages.filter((one) => one['success'] === false),
    componentSuccesses: messages.filter((one) => one['success'] === true),
    retrieveResult: null,
    runTestResult: {
      numTestsRun: 0,
      numFailures: 0,
      totalTime: 0,
      successes: [],
      failures: [],
      codeCoverage: [],
      codeCoverageWarnings: [],
      flowCoverage: [],
      flowCoverageWarnings: [],
    },
  }
}

function messageOf(deploy: Deploy, { outcome, ...one }: DeployMessage): Record<string, unknown> {
  return {
    ...one,
    id: null,
    changed: outcome === 'changed',
    created: outcome === 'created',
    deleted: outcome === 'deleted',
    success: outcome !== 'failed',
    createdDate: salesforceTime(deploy.completedAt ?? deploy.createdAt),
    warning: one.problemType === 'Warning',
    requiresProductionTestRun: false,
  }
}
