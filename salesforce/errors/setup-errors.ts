import type { ErrorRow } from './error-row.ts'

const common = { where: 'setup', class: 'customer_admin', endUserText: 'Please ask your Salesforce administrator.' } as const

/** What goes wrong in Setup without an error code: recognised by the few words people use for it, and listed in the guide. */
export const setupErrors: readonly ErrorRow[] = [
  {
    ...common,
    id: 'migrate-button-missing',
    match: [{ description: 'Migrate button missing' }],
    title: 'The button "Migrate to External Client App" is not there',
    cause: 'Salesforce shows it only for connected apps that can be migrated.',
    fix: [
      'See that the app was created in this org, and did not come from a package or another org.',
      'Switch off in the app what blocks a migration: user provisioning, a custom Apex handler, Canvas, dynamic client registration, SAML with Triple DES.',
      'Renew or remove push settings with an expired certificate, and stop using the username-password flow.',
      'Have the permission "Create, Edit, and Delete External Client Apps".',
      'If the app cannot be migrated: deploy a new external client app. Its key and secret are new, and every user connects again.',
    ],
    tells: [
      'Migrate button missing',
      'Migrate button is missing',
      '"Migrate to External Client App" is missing',
      'Migrate to External Client App button is missing',
      'no Migrate to External Client App button',
    ],
    confidence: 'V',
    source: 'HELP',
  },
  {
    ...common,
    id: 'connected-app-read-only',
    match: [{ description: 'connected app is read-only' }],
    title: 'Changes to the connected app have no effect, or its page cannot be edited',
    cause: 'The app was migrated. The external client app of the same name rules now, and the connected app stays as a read-only copy.',
    fix: [
      'Change the external client app, in Setup under "External Client App Manager".',
      'Nothing changes for this server: key, secret and host stay the same.',
    ],
    tells: ['connected app is read-only', 'connected app page is read-only'],
    confidence: 'V',
    source: 'HELP',
  },
  {
    ...common,
    id: 'connected-app-is-back',
    match: [{ description: 'connected app is active again' }],
    title: 'The connected app is active again after the external client app was deleted',
    cause:
      'Deleting a migrated external client app gives its connected app back, with the settings of the day of the migration: a secret that was rotated since does not apply to it.',
    fix: [
      'Copy key and secret of the connected app into the integration.',
      'Let one user refresh; if that fails with invalid_grant, users must connect again.',
    ],
    tells: ['connected app is active again', 'connected app is back with old settings'],
    confidence: 'V',
    source: 'HELP; what becomes of tokens is not documented',
  },
]
