import { createHash } from 'node:crypto'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { gunzipSync } from 'node:zlib'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import type { App } from '../state.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  bytes: Buffer
  text: string
  // oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it expects, and fails where that is missing
  json: any
}

export interface Ask {
  method?: string
  headers?: Record<string, string>
  /** Sent as a form. */
  form?: Record<string, string>
  /** Sent as JSON. */
  json?: unknown
  body?: string | Buffer
  bearer?: string
}

/** One request to the fake. `https://<host>` URLs go to its listener with that Host; other URLs go where they say. */
export function send(fake: FakeSalesforce, url: string, ask: Ask = {}): Promise<Answer> {
  const target = new URL(url)
  const routed = target.protocol === 'https:'
  const headers: Record<string, string> = { host: target.host, ...ask.headers }
  let body = ask.body
  if (ask.form !== undefined) {
    body = new URLSearchParams(ask.form).toString()
    headers['content-type'] = 'application/x-www-form-urlencoded'
  }
  if (ask.json !== undefined) {
    body = JSON.stringify(ask.json)
    headers['content-type'] = 'application/json'
  }
  if (ask.bearer !== undefined) headers['authorization'] = `Bearer ${ask.bearer}`
  const method = ask.method ?? (body === undefined ? 'GET' : 'POST')
  const path = url.slice(target.origin.length) || '/'
  const port = routed ? fake.port : target.port
  return new Promise((resolve, reject) => {
    const options = { host: '127.0.0.1', port, method, path, headers, agent: false as const }
    const outgoing = httpRequest(options, async (response) => {
      const chunks: Buffer[] = []
      try {
        for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk)
      } catch (error) {
        reject(error)
        return
      }
      const raw = Buffer.concat(chunks)
      const bytes = response.headers['content-encoding'] === 'gzip' ? gunzipSync(raw) : raw
      const text = bytes.toString('utf8')
      resolve({ status: response.statusCode ?? 0, headers: response.headers, bytes, text, json: parsed(text) })
    })
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Time moves in a test only by `advance`. */
export const STOPPED_CLOCK = { now: () => 1_800_000_000_000 }

export const VERIFIER = 'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'
export const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url')
export const CALLBACK = 'http://localhost:3003/oauth/callback'

export function appOf(fake: FakeSalesforce, name: string): App & { key: string; secret: string } {
  const app = fake.state.apps.get(name)
  const consumer = app?.consumers[0]
  if (app === undefined || consumer === undefined) throw new Error(`no app ${name}`)
  return { ...app, key: consumer.key, secret: consumer.secret }
}

export interface Flow {
  /** Role whose host is used; default the org's own. */
  at?: Parameters<FakeSalesforce['url']>[0]
  app?: string
  /** Replaces or, with null, drops authorize parameters. */
  query?: Record<string, string | null>
  /** Replaces or drops token parameters. */
  form?: Record<string, string | null>
  headers?: Record<string, string>
}

const DEFAULT_ROLE = 'org:acme-uat'
const DEFAULT_APP = 'hawser_acme_uat'

function withChanges(fields: Record<string, string>, changes: Record<string, string | null> = {}): Record<string, string> {
  const all: Record<string, string | null> = { ...fields, ...changes }
  return Object.fromEntries(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null))
}

/** What authorize answers: a redirect, or a page. */
export function askToAuthorize(fake: FakeSalesforce, flow: Flow = {}): Promise<Answer> {
  const query = withChanges(
    {
      response_type: 'code',
      client_id: appOf(fake, flow.app ?? DEFAULT_APP).key,
      redirect_uri: CALLBACK,
      state: 'st',
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
    },
    flow.query,
  )
  const url = `${fake.url(flow.at ?? DEFAULT_ROLE)}/services/oauth2/authorize?${new URLSearchParams(query)}`
  return send(fake, url, { headers: flow.headers ?? {} })
}

/** The parameters that the callback got; fails loudly when the browser never came back. */
export function callbackOf(answer: Answer): Record<string, string> {
  const location = answer.headers.location ?? ''
  if (!location.startsWith(CALLBACK)) throw new Error(`no callback: ${answer.status} ${location} ${answer.text.slice(0, 400)}`)
  return Object.fromEntries(new URL(location).searchParams)
}

export function askForToken(fake: FakeSalesforce, flow: Flow, fields: Record<string, string>): Promise<Answer> {
  const name = flow.app ?? DEFAULT_APP
  // A client goes on with the credentials it was given, though the app may be gone.
  const { key: client_id, secret: client_secret } = fake.state.apps.has(name) ? appOf(fake, name) : { key: '', secret: '' }
  const form = withChanges({ client_id, client_secret, ...fields }, flow.form)
  return send(fake, `${fake.url(flow.at ?? DEFAULT_ROLE)}/services/oauth2/token`, { form, headers: flow.headers ?? {} })
}

export function exchange(fake: FakeSalesforce, code: string, flow: Flow = {}): Promise<Answer> {
  return askForToken(fake, flow, { grant_type: 'authorization_code', code, redirect_uri: CALLBACK, code_verifier: VERIFIER })
}

export function refresh(fake: FakeSalesforce, refreshToken: string, flow: Flow = {}): Promise<Answer> {
  return askForToken(fake, flow, { grant_type: 'refresh_token', refresh_token: refreshToken })
}

/** A whole authorization; the token answer's fields. */
export async function connect(fake: FakeSalesforce, flow: Flow = {}): Promise<Record<string, string>> {
  const { code } = callbackOf(await askToAuthorize(fake, flow))
  const answer = await exchange(fake, code ?? '', flow)
  if (answer.status !== 200) throw new Error(`no token: ${answer.text}`)
  return answer.json as Record<string, string>
}

/** A data call with the tokens of `connect`, under `/services/data/v67.0`. */
export function data(fake: FakeSalesforce, tokens: Record<string, string>, path: string, ask: Ask = {}): Promise<Answer> {
  return send(fake, `${tokens['instance_url']}/services/data/v67.0${path}`, { bearer: tokens['access_token'] ?? '', ...ask })
}
