import { restErrors } from '../error-table.ts'
import type { Reply } from '../reply.ts'
import { appsResource } from '../apps/apps-resource.ts'
import { metadataResource } from '../metadata/deploy-request.ts'
import { bulkIngest } from './bulk-ingest.ts'
import { bulkQuery } from './bulk-query.ts'
import { assertMethod, type Call } from './call.ts'
import { collections } from './collections.ts'
import { composite, compositeBatch } from './composite.ts'
import { basicInformation, describeGlobal, describeType } from './describe.ts'
import { query } from './query.ts'
import { byExternalId, createOne, oneRecord, typeOfPath, versionData } from './records.ts'
import { limits, resourceMap } from './resources.ts'
import { refuseRest } from './rest-refusal.ts'

type Resource = (call: Call, segments: string[]) => Reply

const RESOURCES: Record<string, Resource> = {
  limits: (call) => limits(call),
  query: (call, segments) => query(call, 'query', segments),
  queryAll: (call, segments) => query(call, 'queryAll', segments),
  tooling: toolingQuery,
  sobjects,
  composite: compositeResource,
  jobs,
  metadata: metadataResource,
  apps: appsResource,
}

/** The reply to a call under `/services/data/vXX.0`. */
export function routeVersion(call: Call): Reply {
  const [first = '', ...rest] = call.segments
  if (first === '') return resourceMap(call)
  const resource = Object.hasOwn(RESOURCES, first) ? RESOURCES[first] : undefined
  if (resource === undefined) throw refuseRest(restErrors.notFound)
  return resource(call, rest)
}

function toolingQuery(call: Call, segments: string[]): Reply {
  const [name, ...rest] = segments
  if (name !== 'query') throw refuseRest(restErrors.notFound)
  return query(call, 'tooling/query', rest)
}

function jobs(call: Call, segments: string[]): Reply {
  const [kind, ...rest] = segments
  if (kind === 'query') return bulkQuery(call, rest)
  if (kind === 'ingest') return bulkIngest(call, rest)
  throw refuseRest(restErrors.notFound)
}

function compositeResource(call: Call, segments: string[]): Reply {
  const [kind, ...rest] = segments
  if (kind === undefined) return composite(call, routeVersion)
  if (kind === 'batch' && rest.length === 0) return compositeBatch(call, routeVersion)
  if (kind === 'sobjects') return collections(call, rest)
  throw refuseRest(restErrors.notFound)
}

function sobjects(call: Call, segments: string[]): Reply {
  const [typeName, second, third, ...rest] = segments
  if (typeName === undefined) {
    assertMethod(call, 'GET')
    return describeGlobal(call)
  }
  const type = typeOfPath(call, typeName)
  if (rest.length > 0) throw refuseRest(restErrors.notFound)
  if (second === undefined) {
    assertMethod(call, 'GET', 'POST')
    return call.method === 'POST' ? createOne(call, type) : basicInformation(call, type)
  }
  if (second === 'describe' && third === undefined) return describeType(call, type)
  if (third === undefined) return oneRecord(call, type, second)
  if (third === 'VersionData' && type.name === 'ContentVersion') return versionData(call, type, second)
  return byExternalId(call, type, second, third)
}
