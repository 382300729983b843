import * as routes from '@hawser/api/freeze.ts'
import { fail } from '@hawser/api/errors.ts'
import type { Kysely } from 'kysely'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, seesConnection, seesIntegration, type OwnSide } from '#http/principal.ts'
import { connectionIdOf, deleteFrozen, insertFrozen, integrationIdOf, type FrozenPlace } from './frozen-store.ts'
import type { FrozenPlaces } from './frozen-places.ts'

export interface ChangeFreezeDeps {
  db: Kysely<unknown>
  places: Pick<FrozenPlaces, 'reload'>
  /** Commits the row of the audit. */
  recordChange(change: {
    environmentId: string
    actor: Record<string, unknown>
    action: string
    subject: Record<string, unknown>
  }): Promise<void>
}

const NO_REASON = 'no reason was given'

export function freezeHandlers(deps: ChangeFreezeDeps): Handler[] {
  const ofEnvironment = async (principal: OwnSide): Promise<FrozenPlace> => ({ environmentId: principal.environmentId })
  const ofIntegration = async (principal: OwnSide, key: string) => {
    const { environmentId } = principal
    if (!seesIntegration(principal, key)) throw fail('unknown_provider_config')
    const integrationId = await integrationIdOf(deps.db, environmentId, key)
    if (integrationId === undefined) throw fail('unknown_provider_config')
    return { environmentId, integrationId }
  }
  const ofConnection = async (principal: OwnSide, key: string, name: string): Promise<FrozenPlace> => {
    const { environmentId, integrationId } = await ofIntegration(principal, key)
    const found = await connectionIdOf(deps.db, integrationId, name)
    if (!found || !seesConnection(principal, { integrationKey: key, connectionId: name, tags: found.tags }))
      throw fail('unknown_connection')
    return { environmentId, connectionId: found.id }
  }
  return [
    handler(routes.freezeEnvironment, async ({ principal, body }) => freeze(deps, principal, await ofEnvironment(principal), body.reason)),
    handler(routes.unfreezeEnvironment, async ({ principal }) => unfreeze(deps, principal, await ofEnvironment(principal))),
    handler(routes.freezeIntegration, async ({ principal, params, body }) =>
      freeze(deps, principal, await ofIntegration(principal, params.uniqueKey), body.reason),
    ),
    handler(routes.unfreezeIntegration, async ({ principal, params }) =>
      unfreeze(deps, principal, await ofIntegration(principal, params.uniqueKey)),
    ),
    handler(routes.freezeConnection, async ({ principal, params, query, body }) =>
      freeze(deps, principal, await ofConnection(principal, query.provider_config_key, params.connectionId), body.reason),
    ),
    handler(routes.unfreezeConnection, async ({ principal, params, query }) =>
      unfreeze(deps, principal, await ofConnection(principal, query.provider_config_key, params.connectionId)),
    ),
  ]
}

/** The audit's row comes after: if it cannot be written the caller hears of it, and what was meant to stop has stopped. */
async function freeze(deps: ChangeFreezeDeps, principal: OwnSide, place: FrozenPlace, reason = NO_REASON) {
  const frozen = await insertFrozen(deps.db, place, reason)
  if (!frozen) throw fail('conflict', { message: 'Too much is frozen one by one. Freeze the integration, or the environment.' })
  // This node is asked next as a rule; the others hear of it by the database.
  await deps.places.reload()
  await record(deps, principal, place, 'freeze', reason)
  return { data: { frozen: true, reason, frozen_at: frozen.frozenAt.toISOString() } }
}

/** The audit's row comes first: nothing is used again without its trace. */
async function unfreeze(deps: ChangeFreezeDeps, principal: OwnSide, place: FrozenPlace) {
  await record(deps, principal, place, 'unfreeze', undefined)
  await deleteFrozen(deps.db, place)
  await deps.places.reload()
  return { data: { frozen: false, reason: null, frozen_at: null } }
}

function record(deps: ChangeFreezeDeps, principal: OwnSide, place: FrozenPlace, verb: string, reason: string | undefined) {
  const { environmentId, integrationId, connectionId } = place
  const what = connectionId ? 'connection' : integrationId ? 'integration' : 'environment'
  return deps.recordChange({
    environmentId,
    actor: actorOf(principal),
    action: `${what}.${verb}`,
    subject: {
      ...(integrationId ? { integration: integrationId } : {}),
      ...(connectionId ? { connection: connectionId } : {}),
      ...(reason === undefined ? {} : { reason }),
    },
  })
}
