/** Which way on fits a diagnosis. */
import type { Diagnosis, Integration } from './server.ts'

/** What an administrator ends by installing the packaged app: `server/connect/install-link.ts` has the same list. */
export const INSTALL_CODES: readonly string[] = ['external-app-not-installed', 'app-must-be-installed']

/** The integration's app is unknown to the org; an app of the org's own is known there. */
export const OWN_APP_CODES: readonly string[] = [
  ...INSTALL_CODES,
  'client-id-unknown',
  'token-client-id-unknown',
  'cross-org-blocked',
  'app-blocked',
]

/** What an administrator of the org can end, whoever is named as the actor. */
export const ADMIN_CODES: readonly string[] = [...INSTALL_CODES, 'app-blocked', 'app-access-denied', 'user-has-not-approved']

const CAN_TRY_AGAIN: readonly string[] = ['user', 'transient', 'limit', 'reconnect']

/** Whether the person in front of the browser changes anything by starting again. */
export function canTryAgain({ class: kind }: Diagnosis): boolean {
  return CAN_TRY_AGAIN.includes(kind)
}

/** Only a plain https address is followed. */
export function installLinkOf({ code }: Diagnosis, integration: Integration | undefined): string | undefined {
  const url = integration?.install_url
  return url?.startsWith('https://') === true && INSTALL_CODES.includes(code) ? url : undefined
}
