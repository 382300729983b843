import type { FakeSalesforce } from '../fake-salesforce.ts'
import { appOf, askToAuthorize, CALLBACK, connect, data, refresh, send, type Answer, type Flow } from './browser.ts'

/** What a client or a browser sees in the end. */
export interface Observed {
  status: number
  contentType: string
  body: string
  /** Where the browser stood at the end; only for what begins at authorize. */
  finalUrl?: string
}

export interface Provocation {
  id: string
  where: 'authorize' | 'page' | 'token' | 'rest' | 'identity'
  /** Stands in the body, or decoded in `finalUrl`. */
  says: string
  /** The knob or call, in words. */
  by: string
  /** Provokes the error on a fresh fake with the seed `scenario`, one listener for all hosts, and automatic consent. */
  how(fake: FakeSalesforce): Promise<Observed>
}

export const APP = 'hawser_acme_uat'
export const USER = 'ann@acme.example.uat'
export const SANDBOX = 'https://acme--uat.sandbox.my.salesforce.com'

export function observed(answer: Answer): Observed {
  return { status: answer.status, contentType: String(answer.headers['content-type'] ?? ''), body: answer.text }
}

/** Authorizes as a browser does, on to the callback or to the page where it ends. */
export async function browse(fake: FakeSalesforce, flow: Flow = {}): Promise<Observed> {
  let answer = await askToAuthorize(fake, flow)
  let finalUrl = `${fake.url(flow.at ?? 'org:acme-uat')}/services/oauth2/authorize`
  for (let hops = 0; hops < 3 && answer.status === 302; hops++) {
    finalUrl = answer.headers.location ?? ''
    if (finalUrl.startsWith(CALLBACK)) return { status: 302, contentType: '', body: '', finalUrl }
    answer = await send(fake, finalUrl)
  }
  return { ...observed(answer), finalUrl }
}

/** Connects, lets something happen, and refreshes with what the client still has. */
export async function refreshAfter(
  fake: FakeSalesforce,
  happen: (tokens: Record<string, string>) => unknown,
  flow: Flow = {},
): Promise<Observed> {
  const { key, secret } = appOf(fake, flow.app ?? APP)
  const tokens = await connect(fake, flow)
  await happen(tokens)
  const form = { client_id: key, client_secret: secret, ...flow.form }
  return observed(await refresh(fake, tokens['refresh_token'] ?? '', { ...flow, form }))
}

/** Connects, lets something happen, and makes a data call. */
export async function callAfter(
  fake: FakeSalesforce,
  happen: (tokens: Record<string, string>) => unknown,
  path = '/limits',
): Promise<Observed> {
  const tokens = await connect(fake)
  await happen(tokens)
  return observed(await data(fake, tokens, path))
}
