import type { Confidence } from '../errors/error-row.ts'
import { elementsAt, textsAt } from './connected-app.ts'
import type { ConnectedApp } from './connected-app.ts'

export type EligibilityRow = {
  condition: string
  state: 'met' | 'not met' | 'a person must look'
  /** How it was told, or how to look. */
  how: string
  /** Path of the element that decided, when it is one. */
  element?: string
  confidence: Confidence
}

/** Whether Setup offers "Migrate to External Client App" for the app. Source: HELP migrate_connected_app_to_external_client_app (V). */
export function eligibility(app: ConnectedApp): EligibilityRow[] {
  const packaged = /^[A-Za-z]\w*?__/.test(app.name)
  return [
    {
      condition: 'The app was made in this org (it is local).',
      state: packaged ? 'not met' : 'a person must look',
      how: packaged
        ? 'Its name begins with the namespace of a package: only the package’s publisher can migrate it.'
        : 'Setup, App Manager: the app has the entry Edit, and not only Manage.',
      confidence: 'V',
    },
    look(
      'Nobody logs in with user name and password through it.',
      'Setup, Login History: no entry of this app with Username-Password.',
      'V',
    ),
    look('User provisioning is off.', 'Setup, Manage Connected Apps, the app: User Provisioning Settings.', 'V'),
    absence(app, 'plugin', 'It has no Apex handler.'),
    absence(app, 'canvasConfig', 'It is no canvas app.', 'canvas'),
    look('Dynamic client registration is off.', 'Setup, the app: Initial Access Token for Dynamic Client Registration is empty.', 'V'),
    encryption(app),
    pushSettings(app),
    look(
      'The org’s edition is Professional, Performance, Unlimited or Developer.',
      'Setup, Company Information. Other pages list Enterprise too.',
      '?',
    ),
    look('You may create, edit and delete External Client Apps.', 'Setup, your user: permission sets.', 'V'),
  ]
}

function look(condition: string, how: string, confidence: Confidence): EligibilityRow {
  return { condition, state: 'a person must look', how, confidence }
}

function absence({ root }: ConnectedApp, element: string, condition: string, other = element): EligibilityRow {
  const found = [element, other].find((name) => elementsAt(root, name).length > 0)
  if (found === undefined) return { condition, state: 'met', how: `The file has no ${element}.`, confidence: 'V' }
  return {
    condition,
    state: 'not met',
    how: `The file has ${found}. Switch it off first, or set the new app up by hand.`,
    element: found,
    confidence: 'V',
  }
}

function encryption(app: ConnectedApp): EligibilityRow {
  const condition = 'SAML does not encrypt with Triple DES.'
  const element = 'samlConfig.encryptionType'
  const tripleDes = textsAt(app, element).some((text) => /triple/i.test(text))
  const how = tripleDes ? 'The file says Triple DES. Choose AES first.' : 'The file has no SAML with Triple DES.'
  return tripleDes ? { condition, state: 'not met', how, element, confidence: 'V' } : { condition, state: 'met', how, confidence: 'V' }
}

function pushSettings({ root }: ConnectedApp): EligibilityRow {
  const condition = 'Its push notification settings are valid.'
  if (elementsAt(root, 'mobileAppConfig').length === 0) {
    return { condition, state: 'met', how: 'The file has no mobile settings, so push is not expected.', confidence: 'M' }
  }
  const how = 'Setup, the app, push settings: the Apple certificate has not expired, and Android uses a service account, not a server key.'
  return { condition, state: 'a person must look', how, element: 'mobileAppConfig', confidence: 'V' }
}
