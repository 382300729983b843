import { restErrors } from '../error-table.ts'
import { assertMethod, jsonObject, type Call } from '../data/call.ts'
import { refuseRest } from '../data/rest-refusal.ts'
import { salesforceTime } from '../data/times.ts'
import { sameId } from '../ids.ts'
import { dropExpired, isUsable, promoteConsumer, stageConsumer } from '../orgs/add-app.ts'
import { empty, json, type Reply } from '../reply.ts'
import type { App, Consumer } from '../state.ts'
import { appOfPath, appRecordId, versionOf } from './app-identifier.ts'

/**
 * `/apps/oauth/credentials` (Connect REST API: list and key since 60.0, staged since 65.0; V); `segments` starts after `credentials`. Off
 * unless the org allows consumer secrets through the API, and only for app developers who may see secrets.
 */
export function oauthCredentials(call: Call, segments: string[]): Reply {
  const [identifier, consumerId, part, stagedId, ...rest] = segments
  if (identifier === undefined || rest.length > 0 || versionOf(call) < 60) throw refuseRest(restErrors.notFound)
  if (!call.org.ecaSecretRest) throw refuseRest(restErrors.secretsNotEnabled)
  const { externalClientAppDeveloper, viewClientSecret } = call.user.permissions
  if (!externalClientAppDeveloper || !viewClientSecret) throw refuseRest(restErrors.insufficientAccess)
  const app = appOfPath(call, identifier)
  if (app.type !== 'eca' || app.orgKey !== call.org.key) throw refuseRest(restErrors.notFound)
  dropExpired(call.state, app)
  if (consumerId === undefined) return listConsumers(call, app)
  const consumer = activeConsumer(app)
  if (consumer === undefined || !sameId(consumer.id, consumerId)) throw refuseRest(restErrors.notFound)
  if (part === undefined) return keyAndSecret(call, app, consumer)
  if (part !== 'staged' || versionOf(call) < 65) throw refuseRest(restErrors.notFound)
  return stagedId === undefined ? stagedCollection(call, app) : stagedOne(call, app, stagedId)
}

/** An app has one consumer; what is staged or was rotated away lies in its staged slots. */
function activeConsumer(app: App): Consumer | undefined {
  return app.consumers.find((consumer) => consumer.state === 'Active')
}

function urlOf(call: Call, app: App, staged: '' | '/staged' | `/staged/${string}`): string {
  return `${call.base}/apps/oauth/credentials/${appRecordId(app, 'app')}/${activeConsumer(app)?.id}${staged}`
}

function listConsumers(call: Call, app: App): Reply {
  assertMethod(call, 'GET')
  const consumer = activeConsumer(app)
  const shown = consumer === undefined ? [] : [{ id: consumer.id, key: consumer.key, name: app.label }]
  return json(200, {
    consumers: shown.map((one) => ({ ...one, stagedCredentialsUrl: urlOf(call, app, '/staged'), url: urlOf(call, app, '') })),
    currentPageUrl: `${call.base}/apps/oauth/credentials/${appRecordId(app, 'app')}`,
    nextPageUrl: null,
  })
}

function keyAndSecret(call: Call, app: App, { id, key, secret }: Consumer): Reply {
  assertMethod(call, 'GET')
  const part = (call.query.get('part') ?? 'key').toLowerCase()
  if (!['key', 'secret', 'keyandsecret'].includes(part)) throw refuseRest(restErrors.badPart)
  return json(200, {
    id,
    ...(part === 'secret' ? {} : { key }),
    ...(part === 'key' ? {} : { secret }),
    url: urlOf(call, app, ''),
    stagedCredentialsUrl: urlOf(call, app, '/staged'),
  })
}

function stagedView(call: Call, app: App, { id, key, secret, state, createdAt, validUntil }: Consumer): Record<string, unknown> {
  return {
    id,
    key,
    secret,
    // A staged key works already, and Salesforce calls it Active; its other states are Rotated and Expired.
    state: state === 'Staged' ? 'Active' : state,
    createdBy: call.user.id,
    createdDate: salesforceTime(createdAt),
    expirationDate: validUntil === null ? null : salesforceTime(validUntil),
    stagedCredentialsUrl: urlOf(call, app, `/staged/${id}`),
    url: urlOf(call, app, `/staged/${id}`),
  }
}

function stagedOnes(app: App): Consumer[] {
  return app.consumers.filter((consumer) => consumer.state !== 'Active')
}

/** `GET | POST …/staged`. The documented answer is a collection; the fields of a new one stand beside it for clients that read them there. */
function stagedCollection(call: Call, app: App): Reply {
  assertMethod(call, 'GET', 'POST')
  const collection = (consumers: Consumer[]) => ({
    stagedCredentials: consumers.map((one) => stagedView(call, app, one)),
    url: urlOf(call, app, '/staged'),
  })
  if (call.method === 'GET') return json(200, collection(stagedOnes(app)))
  if (app.consumers.some((one) => one.state === 'Staged' && isUsable(call.state, one))) throw refuseRest(restErrors.stagedAlready)
  const staged = stageConsumer(call.state, app.developerName)
  return json(201, { ...collection([staged]), ...stagedView(call, app, staged) })
}

/** `GET | PATCH {"command":"rotate"} | DELETE …/staged/{id}` */
function stagedOne(call: Call, app: App, stagedId: string): Reply {
  assertMethod(call, 'GET', 'PATCH', 'DELETE')
  const staged = stagedOnes(app).find((one) => sameId(one.id, stagedId))
  if (staged === undefined) throw refuseRest(restErrors.notFound)
  if (call.method === 'GET') return json(200, stagedView(call, app, staged))
  if (call.method === 'DELETE') {
    app.consumers = app.consumers.filter((one) => one !== staged)
    return empty(204)
  }
  if (jsonObject(call.body)['command'] !== 'rotate') throw refuseRest(restErrors.badCommand)
  if (staged.state !== 'Staged') throw refuseRest(restErrors.notStaged)
  promoteConsumer(call.state, app.developerName)
  const former = stagedOnes(app).find((one) => sameId(one.id, stagedId))
  return json(200, former === undefined ? {} : stagedView(call, app, former))
}
