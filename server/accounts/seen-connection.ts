import { fail } from '@hawser/api/errors.ts'
import { seesConnection, seesIntegration, type OwnSide } from '#http/principal.ts'

/** Of the connections' slice, which lies above this one. Throws `unknown_provider_config`, `unknown_connection`. */
export type FindConnection = (
  environmentId: string,
  integrationKey: string,
  connectionId: string,
) => Promise<{ uuid: string; tags: Record<string, string>; endUserId?: string | undefined }>

/** A connection that the caller sees. Throws `unknown_provider_config`, `unknown_connection`, also for what is there but not for them. */
export async function seenConnection(
  findConnection: FindConnection,
  principal: OwnSide,
  integrationKey: string,
  connectionId: string,
): Promise<{ uuid: string; endUserId: string | undefined }> {
  if (!seesIntegration(principal, integrationKey)) throw fail('unknown_provider_config')
  const { uuid, tags, endUserId } = await findConnection(principal.environmentId, integrationKey, connectionId)
  if (!seesConnection(principal, { integrationKey, connectionId, tags })) throw fail('unknown_connection')
  return { uuid, endUserId }
}
