import { restErrors } from '../error-table.ts'
import { json, replyOf, type Reply } from '../reply.ts'
import { assertMethod, jsonObject, segmentsOf, type Call } from './call.ts'
import { refuseRest, restErrorReply } from './rest-refusal.ts'

const LIMIT = 25

/** Answers one part as if it had come alone. */
export type Dispatch = (call: Call) => Reply

interface Part {
  method: string
  url: string
  body: unknown
  referenceId: string
}

function partsOf(list: unknown, bodyName: string): Part[] {
  if (!Array.isArray(list) || list.length === 0) throw refuseRest(restErrors.badJson)
  if (list.length > LIMIT) throw refuseRest(restErrors.tooManyParts)
  return (list as unknown[]).map((one) => {
    const { method, url, referenceId = '', [bodyName]: body } = (one ?? {}) as Record<string, unknown>
    if (typeof method !== 'string' || typeof url !== 'string' || typeof referenceId !== 'string') throw refuseRest(restErrors.badJson)
    return { method: method.toUpperCase(), url, referenceId, body }
  })
}

/** `POST /composite`: up to 25 requests in turn; `@{ref.field}` reads from an earlier answer. */
export function composite(call: Call, dispatch: Dispatch): Reply {
  assertMethod(call, 'POST')
  const request = jsonObject(call.body)
  const answers = new Map<string, unknown>()
  let failed = false
  const compositeResponse = partsOf(request['compositeRequest'], 'body').map((part) => {
    const halted = failed && request['allOrNone'] === true
    const reply = halted ? restErrorReply(restErrors.halted) : answerPart(call, dispatch, part, (text) => withReferences(text, answers))
    const body = bodyOf(reply)
    if (reply.status >= 400) failed = true
    answers.set(part.referenceId, body)
    const { location } = reply.headers
    return {
      body,
      httpHeaders: location === undefined ? {} : { Location: location },
      httpStatusCode: reply.status,
      referenceId: part.referenceId,
    }
  })
  return json(200, { compositeResponse })
}

/** `POST /composite/batch`: up to 25 independent requests; their URLs begin with the version. */
export function compositeBatch(call: Call, dispatch: Dispatch): Reply {
  assertMethod(call, 'POST')
  const results = partsOf(jsonObject(call.body)['batchRequests'], 'richInput').map((part) => {
    const url = part.url.startsWith('/') ? part.url : `/services/data/${part.url}`
    const reply = answerPart(call, dispatch, { ...part, url }, (text) => text)
    return { statusCode: reply.status, result: bodyOf(reply) }
  })
  return json(200, { hasErrors: results.some((one) => one.statusCode >= 400), results })
}

function answerPart(call: Call, dispatch: Dispatch, part: Part, resolved: (text: string) => string): Reply {
  return replyOf(() => {
    const [path = '', search = ''] = resolved(part.url).split('?', 2)
    // The same version, and no composite within a composite: that is what Salesforce allows, and what bounds the depth.
    if (!path.startsWith(`${call.base}/`) || path.startsWith(`${call.base}/composite`)) throw refuseRest(restErrors.notFound)
    const segments = segmentsOf(path.slice(call.base.length + 1))
    const body = Buffer.from(part.body === undefined ? '' : resolved(JSON.stringify(part.body)))
    return dispatch({ ...call, method: part.method, segments, query: new URLSearchParams(search), body })
  })
}

function bodyOf(reply: Reply): unknown {
  if (typeof reply.body !== 'string' || reply.body === '') return null
  return reply.headers['content-type']?.startsWith('application/json') === true ? JSON.parse(reply.body) : reply.body
}

function withReferences(text: string, answers: Map<string, unknown>): string {
  return text.replace(/@\{([^}]+)\}/g, (whole, path: string) => {
    const [reference = '', ...steps] = path.split(/[.[\]]+/).filter((step) => step !== '')
    let value = answers.get(reference)
    for (const step of steps) value = (value as Record<string, unknown> | null | undefined)?.[step]
    return typeof value === 'string' || typeof value === 'number' ? String(value) : whole
  })
}
