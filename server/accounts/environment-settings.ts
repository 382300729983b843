import type { FastifyRequest } from 'fastify'
import { getEnvironment, updateEnvironment } from '@hawser/api/environment.ts'
import { fail } from '@hawser/api/errors.ts'
import { handler, type Handler } from '#http/handler.ts'
import { actorOf, mayCall, type OwnSide } from '#http/principal.ts'
import type { Kit } from '../kit.ts'
import { checkedConnectUi, shownConnectUi } from './connect-ui-settings.ts'
import type { RecordChange } from './record-change.ts'
import { findEnvironment, changeEnvironment } from './store.ts'

export const WEBHOOK_KEY_LABEL = 'webhook-key'

export function getEnvironmentHandler(kit: Kit, recordChange: RecordChange): Handler {
  return handler(getEnvironment, async ({ principal, request }) => {
    const data = await settingsOf(kit, principal, seesSigningKey(principal, request))
    await recordSigningKey(recordChange, principal, data)
    return { data }
  })
}

export function updateEnvironmentHandler(kit: Kit, recordChange: RecordChange): Handler {
  return handler(updateEnvironment, async ({ principal, body, request }) => {
    const { callback_url: callback, webhook_url: webhook, refused_org_kinds: refusedOrgKinds, connect_ui: connectUi } = body
    const changes = {
      ...(callback === undefined ? {} : { callbackUrl: checkedCallback(callback) }),
      ...(webhook === undefined ? {} : { webhookUrl: webhook || null }),
      ...(refusedOrgKinds === undefined ? {} : { refusedOrgKinds }),
      ...(connectUi === undefined ? {} : { connectUi: checkedConnectUi(connectUi) }),
    }
    await recordChange({
      environmentId: principal.environmentId,
      actor: actorOf(principal),
      action: 'environment.update',
      // Webhook addresses often carry a secret in their path or query.
      subject: {
        ...(callback === undefined ? {} : { callback_url: callback }),
        ...(webhook === undefined ? {} : { webhook_host: webhook && new URL(webhook).host }),
        ...(refusedOrgKinds === undefined ? {} : { refused_org_kinds: refusedOrgKinds }),
        ...(connectUi === undefined ? {} : { connect_ui: Object.keys(connectUi) }),
      },
    })
    await changeEnvironment(kit.db.kysely, principal.environmentId, changes)
    const data = await settingsOf(kit, principal, seesSigningKey(principal, request))
    await recordSigningKey(recordChange, principal, data)
    return { data }
  })
}

/** Before the answer leaves: who has that key can sign webhooks in our name. */
async function recordSigningKey(
  recordChange: RecordChange,
  principal: OwnSide,
  shown: { webhook_signing_key: string | null },
): Promise<void> {
  if (shown.webhook_signing_key === null) return
  const { environmentId } = principal
  await recordChange({ environmentId, actor: actorOf(principal), action: 'environment.read_webhook_signing_key', subject: {} })
}

function checkedCallback(url: string): string | null {
  if (url === '') return null
  const { protocol, hostname, hash } = new URL(url)
  if (hash !== '') throw fail('invalid_body', { message: '`callback_url`: a redirect URI has no fragment (#…).' })
  if (protocol === 'http:' && hostname !== 'localhost')
    throw fail('invalid_body', { message: '`callback_url`: use https; Salesforce accepts plain http for localhost only.' })
  return url
}

/** The redirect URI of an environment: its own, or the server's. */
export function callbackUrlOf(kit: Kit, environment: { callbackUrl: string | null }): string {
  return environment.callbackUrl ?? `${kit.config.publicUrl}/oauth/callback`
}

/** People ask for it by the header, having proved lately who they are (`http/mount.ts`): pages read the settings again and again. */
function seesSigningKey(principal: OwnSide, request: FastifyRequest): boolean {
  const isAsked = principal.kind !== 'member' || request.headers['hawser-reveal'] === 'true'
  return isAsked && mayCall(principal, 'environment:settings:update')
}

async function settingsOf(kit: Kit, principal: OwnSide, withSigningKey: boolean) {
  const environment = await findEnvironment(kit.db.kysely, principal.environmentId)
  if (!environment) throw fail('not_found')
  const { id, name, webhookUrl, webhookDataKey, webhookKey, refusedOrgKinds, connectUi } = environment
  await kit.vault.ready(id)
  const signingKey = withSigningKey ? kit.vault.openSealed(id, webhookDataKey, webhookKey, WEBHOOK_KEY_LABEL, id).toString('utf8') : null
  return {
    name,
    callback_url: callbackUrlOf(kit, environment),
    webhook_url: webhookUrl,
    webhook_signing_key: signingKey,
    refused_org_kinds: refusedOrgKinds,
    connect_ui: shownConnectUi(connectUi),
  }
}
