import { empty, json, type Reply } from '../reply.ts'
import type { Call } from './call.ts'
import { objectTypesOf, type ObjectType } from './object-types.ts'

function summary(call: Call, type: ObjectType): Record<string, unknown> {
  const url = `${call.base}/sobjects/${type.name}`
  return {
    name: type.name,
    label: type.name.replace(/__c$/, ''),
    labelPlural: `${type.name.replace(/__c$/, '')}s`,
    keyPrefix: type.keyPrefix,
    custom: type.name.endsWith('__c'),
    createable: true,
    deletable: true,
    queryable: true,
    retrieveable: true,
    updateable: true,
    urls: { sobject: url, describe: `${url}/describe`, rowTemplate: `${url}/{ID}` },
  }
}

/** `GET /sobjects` */
export function describeGlobal(call: Call): Reply {
  return json(200, {
    encoding: 'UTF-8',
    maxBatchSize: 200,
    sobjects: objectTypesOf(call.state, call.org).map((type) => summary(call, type)),
  })
}

/** `GET /sobjects/{type}` */
export function basicInformation(call: Call, type: ObjectType): Reply {
  return json(200, { objectDescribe: summary(call, type), recentItems: [] })
}

/** `GET /sobjects/{type}/describe`; answers 304 when nothing changed since `If-Modified-Since`. */
export function describeType(call: Call, type: ObjectType): Reply {
  const changedAt = Math.floor(call.org.createdAt / 1000) * 1000
  const since = Date.parse(call.headers['if-modified-since'] ?? '')
  const headers = { 'last-modified': new Date(changedAt).toUTCString() }
  if (since >= changedAt) return { ...empty(304), headers }
  const fields = Object.entries(type.fields).map(([name, fieldType]) => ({
    name,
    label: name.replace(/__c$/, ''),
    type: fieldType,
    custom: name.endsWith('__c'),
    createable: fieldType !== 'id',
    updateable: fieldType !== 'id',
    nillable: !type.required.includes(name) && name !== 'Id',
    length: fieldType === 'id' || fieldType === 'reference' ? 18 : 255,
    externalId: false,
    relationshipName: fieldType === 'reference' ? name.replace(/Id$/, '') : null,
  }))
  return json(200, { ...summary(call, type), fields, childRelationships: [], recordTypeInfos: [] }, headers)
}
