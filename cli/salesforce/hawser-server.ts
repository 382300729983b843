/** The Hawser server as the Salesforce commands need it. */
import { Hawser, HawserError, type IntegrationProbe } from '@hawser/node'
import { apiKeyOf, serverUrlOf, type GlobalOptions } from '../target.ts'

export type Probe = IntegrationProbe

export interface HawserServer {
  url: string
  client: Hawser
}

export function hawserServer(options: GlobalOptions): HawserServer {
  const [host, apiKey] = [serverUrlOf(options), apiKeyOf(options)]
  return { url: host, client: new Hawser({ host, apiKey }) }
}

export function hasCode(error: unknown, ...codes: string[]): boolean {
  return error instanceof HawserError && codes.includes(error.code)
}
