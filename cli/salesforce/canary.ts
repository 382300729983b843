/** One connection that is refreshed on purpose: the smallest way to learn whether grants still live. */
import { HawserError, type Hawser } from '@hawser/node'
import { CommandFailure } from '../output.ts'

export interface Canary {
  connectionId: string
}

/** More are not looked through for one that uses the integration's own credentials. */
const MOST_LOOKED_AT = 20

/**
 * The named one, else the newest that works and signs in with the integration's credentials, not with some of its own; `undefined` when the
 * integration has no such connection.
 */
export async function canaryOf(client: Hawser, integration: string, named: string | undefined): Promise<Canary | undefined> {
  if (named !== undefined) {
    const [found] = await client.listConnections({ integrationId: integration, connectionId: named, limit: 1 })
    if (!found) throw new CommandFailure(`${integration} has no connection "${named}".`)
    return { connectionId: found.connection_id }
  }
  const newest = await client.listConnections({ integrationId: integration, limit: 200 })
  const working = newest.filter(({ errors }) => errors.length === 0).slice(0, MOST_LOOKED_AT)
  for (const { connection_id: connectionId } of working)
    if (await usesTheIntegrations(client, integration, connectionId)) return { connectionId }
  return undefined
}

async function usesTheIntegrations(client: Hawser, integration: string, connectionId: string): Promise<boolean> {
  try {
    const { credentials } = await client.getConnection(integration, connectionId)
    return !('config_override' in credentials) || credentials.config_override?.client_id === undefined
  } catch (error) {
    if (!(error instanceof HawserError) || error.code === 'network_error') throw error
    return false
  }
}

/** `reconnect`: the grant is over. `unclear`: no verdict was reached, such as in an outage. */
export type RefreshOutcome = { outcome: 'survived' } | { outcome: 'reconnect' | 'unclear'; failure: HawserError }

/** Refreshes exactly this one connection, at once. */
export async function refreshOnce(client: Hawser, integration: string, { connectionId }: Canary): Promise<RefreshOutcome> {
  try {
    await client.getConnection(integration, connectionId, { forceRefresh: true })
    return { outcome: 'survived' }
  } catch (error) {
    if (!(error instanceof HawserError) || error.code === 'network_error') throw error
    const over = error.code === 'invalid_credentials' || error.code === 'connection_refresh_exhausted'
    return { outcome: over && error.diagnosis?.transient !== true ? 'reconnect' : 'unclear', failure: error }
  }
}

export function failureSentences({ message, diagnosis }: HawserError): string[] {
  return diagnosis
    ? [`  ${diagnosis.title}`, `  Why: ${diagnosis.cause}`, ...diagnosis.fix.map((step) => `  Do:  ${step}`)]
    : [`  ${message}`]
}
