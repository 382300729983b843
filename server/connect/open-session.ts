/** What both ways of opening a session share: checks, tags, the token. */
import { createHash, randomBytes } from 'node:crypto'
import { fail, type FieldError } from '@hawser/api/errors.ts'
import type { createConnectSession } from '@hawser/api/connect-sessions.ts'
import type { BodyOf } from '@hawser/api/route.ts'
import type { EndUser } from '#connections/connection.ts'
import { SESSION_PREFIX } from '#http/authenticate.ts'
import { connectionWithin } from '#http/key-limits.ts'
import { actorOf, seesIntegration, type OwnSide } from '#http/principal.ts'
import { newId } from '#lib/ids.ts'
import type { ConnectDeps } from './connect-deps.ts'
import { otherOrgAccepted } from './other-org-accepted.ts'
import { returnUrlKept } from './return-url.ts'
import { SESSION_LABEL, type IntegrationDefaults } from './session.ts'
import { insertSession } from './store.ts'

export type SessionBody = Omit<BodyOf<typeof createConnectSession>, 'allowed_integrations'>

export interface SessionTarget {
  allowedIntegrations: string[] | undefined
  reconnects: string | null
  acceptOtherOrg?: boolean | undefined
}

export async function openSession(deps: ConnectDeps, principal: OwnSide, body: SessionBody, target: SessionTarget) {
  const { kit } = deps
  const { environmentId } = principal
  const id = newId(kit.clock.now())
  const token = `${SESSION_PREFIX}${randomBytes(32).toString('hex')}`
  const { defaults, webhookUrl } = withoutWebhookAlias(body.integrations_config_defaults ?? {})
  await kit.vault.ready(environmentId)
  const { data_key, ciphertext } = kit.vault.sealNew(environmentId, SESSION_LABEL, id, JSON.stringify(defaults))
  const endUser = endUserOf(body)
  const tags = tagsOf(body, endUser)
  requireOwnConnection(principal, tags, target)
  await deps.recordChange({
    environmentId,
    actor: actorOf(principal),
    action: 'connect_session.create',
    subject: {
      connect_session: id,
      ...(target.reconnects === null ? {} : { reconnects: target.reconnects }),
      ...(target.acceptOtherOrg === true ? { accepts_other_org: true } : {}),
    },
  })
  const expiresAt = await insertSession(kit.db.kysely, {
    id,
    environmentId,
    tokenHash: createHash('sha256').update(token).digest(),
    endUser,
    tags,
    allowedIntegrations: target.allowedIntegrations,
    dataKey: data_key,
    sealedDefaults: ciphertext,
    overrides: { ...body.overrides, ...otherOrgAccepted(target.acceptOtherOrg), ...returnUrlKept(body.return_url) },
    webhookUrlOverride: body.webhook_url_override ?? webhookUrl ?? null,
    reconnects: target.reconnects,
  })
  const link = `${kit.config.publicUrl}/connect-ui/?session_token=${token}`
  return { data: { token, connect_link: link, expires_at: expiresAt.toISOString() } }
}

/** What a limited key has connected, it must see. A new connection gets an id of its own, so that a key limited by ids can only renew. */
function requireOwnConnection(principal: OwnSide, tags: Record<string, string>, { reconnects }: SessionTarget): void {
  const { ids, tags: wanted } = principal.limits?.connections ?? {}
  if (reconnects === null && ids !== undefined)
    throw fail('forbidden', { message: 'This key is limited to connections by their ids; it can only renew them.' })
  const named = { integrationKey: '', connectionId: '', tags }
  // A renewal whose session names no tags keeps those that are there.
  const keepsTags = reconnects !== null && Object.keys(tags).length === 0
  if (wanted !== undefined && !keepsTags && !connectionWithin({ connections: { tags: wanted } }, named))
    throw fail('forbidden', { message: 'This key is limited to connections by tags; the session must carry those tags.' })
}

/** Names every key that no integration has, with its place in the body. */
export async function requireIntegrations(
  deps: ConnectDeps,
  principal: OwnSide,
  named: { key: string; path: (string | number)[] }[],
): Promise<void> {
  const known = new Map<string, boolean>()
  const errors: FieldError[] = []
  for (const { key, path } of named) {
    if (!known.has(key))
      known.set(key, seesIntegration(principal, key) && (await deps.findIntegration(principal.environmentId, key)) !== undefined)
    if (known.get(key) !== true) errors.push({ code: 'invalid_value', message: 'Integration does not exist', path })
  }
  if (errors.length > 0) throw fail('invalid_body', { errors })
}

export function namedInSettings(body: SessionBody): { key: string; path: (string | number)[] }[] {
  return (['integrations_config_defaults', 'overrides'] as const).flatMap((field) =>
    Object.keys(body[field] ?? {}).map((key) => ({ key, path: [field, key] })),
  )
}

function endUserOf({ end_user: user, organization }: SessionBody): EndUser | null {
  if (!user) return null
  return {
    id: user.id,
    display_name: user.display_name ?? null,
    email: user.email ?? null,
    tags: user.tags ?? null,
    organization: organization ? { id: organization.id, display_name: organization.display_name ?? null } : null,
  }
}

/** From the end user and organization, then the end user's tags, then the explicit ones; later wins, names in lower case. */
function tagsOf(body: SessionBody, endUser: EndUser | null): Record<string, string> {
  const organization = body.organization
  const layers: Record<string, string | null | undefined>[] = [
    endUser ? { end_user_id: endUser.id, end_user_email: endUser.email, end_user_display_name: endUser.display_name } : {},
    organization ? { organization_id: organization.id, organization_display_name: organization.display_name } : {},
    endUser?.tags ?? {},
    body.tags ?? {},
  ]
  const tags: Record<string, string> = {}
  for (const layer of layers)
    for (const [name, value] of Object.entries(layer)) if (typeof value === 'string') tags[name.toLowerCase()] = value
  return tags
}

/** `connection_config.webhook_url` is an older name of `webhook_url_override`. */
function withoutWebhookAlias(given: Record<string, IntegrationDefaults>): {
  defaults: Record<string, IntegrationDefaults>
  webhookUrl: string | undefined
} {
  let webhookUrl: string | undefined
  const defaults = Object.fromEntries(
    Object.entries(given).map(([key, entry]) => {
      if (!entry.connection_config) return [key, entry]
      const { webhook_url: alias, ...connection_config } = entry.connection_config
      if (typeof alias === 'string' && URL.canParse(alias) && /^https?:/.test(alias)) webhookUrl ??= alias
      return [key, { ...entry, connection_config }]
    }),
  )
  return { defaults, webhookUrl }
}
