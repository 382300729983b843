/** The Hawser server as the Salesforce commands need it: the SDK's client, and the probe. */
import { Hawser, HawserError } from '@hawser/node'
import { readAnswer, send } from '@hawser/node/send.ts'
import { apiKeyOf, serverUrlOf, type GlobalOptions } from '../target.ts'

export interface ProbeCheck {
  name: string
  result: 'ok' | 'failed' | 'unknown'
  diagnosis: { code: string; title: string; cause: string; fix: string[] } | null
}

export interface Probe {
  ok: boolean
  checks: ProbeCheck[]
  pkce_required: boolean | null
  host: string
}

export interface HawserServer {
  url: string
  client: Hawser
  /** A look at the sign-in page without a browser: not destructive. `hostname`: the org's My Domain, in place of the provider's own host. */
  probe(integration: string, hostname?: string): Promise<Probe>
}

export function hawserServer(options: GlobalOptions): HawserServer {
  const [host, apiKey] = [serverUrlOf(options), apiKeyOf(options)]
  const connector = { host, fetch: globalThis.fetch, timeoutMs: 60_000 }
  return {
    url: host,
    client: new Hawser({ host, apiKey }),
    async probe(integration, hostname) {
      const sending = {
        method: 'POST',
        path: `/integrations/${encodeURIComponent(integration)}/probe`,
        token: apiKey,
        headers: new Headers({ 'content-type': 'application/json' }),
        body: JSON.stringify(hostname === undefined ? {} : { hostname }),
      }
      return ((await send(connector, sending, readAnswer)) as { data: Probe }).data
    },
  }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof HawserError && codes.includes(error.code)
}
