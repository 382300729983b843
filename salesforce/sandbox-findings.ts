import type { ErrorRow } from './errors/error-row.ts'

/** What to do after a refresh, in its order. Sources: the recovery steps of Salesforce's own staff (V-obs) and of sfdx-hardis' documentation (V). */
export const RECOVERY_STEPS = [
  'Make the External Client App again in the sandbox, from the same project: npm run hawser -- salesforce app deploy <folder> --target-org <alias> --integration <key>.',
  'Wait 2 to 10 minutes, until Salesforce knows the new app everywhere.',
  'If key or secret are new, store them in the integration.',
  'Assign the app’s permission sets or users again.',
  'Let each end user connect again, by a reconnect session: the connection keeps its id. User names have a new ending only if the sandbox has a new name.',
  'Drop what was kept under the old org id: record ids of rows made in the sandbox, replay ids, query cursors, bulk jobs, caches.',
] as const

type Finding = Omit<ErrorRow, 'match'>

/** Not read from an error's text, but found out. */
export const sandboxFindings = {
  refreshed: {
    where: 'token',
    id: 'sandbox-refreshed',
    class: 'reconnect',
    actor: 'developer',
    title: 'The sandbox was refreshed',
    cause:
      'Another org stands behind the same host name than the one that was connected. A refresh replaces the whole org: its id changes, all tokens are void, and ' +
      'apps that were made in the sandbox are gone. Calls are stopped until the connection is renewed, so that nothing is written into the new org unseen.',
    fix: RECOVERY_STEPS,
    endUserText: 'Your Salesforce sandbox was refreshed, which ended this connection. Please connect again when our support asks you to.',
    permanent: true,
    confidence: 'V',
    source: 'Salesforce Help: the org id changes at each refresh',
  },
  /** Several connections speak for it, and nothing has told it for sure. */
  suspected: {
    where: 'token',
    id: 'sandbox-refresh-suspected',
    class: 'reconnect',
    actor: 'developer',
    title: 'The sandbox was probably refreshed',
    cause:
      'All connections to this sandbox stopped working about the same time, and in a way that one removed app or one revoked approval does not explain. The host did ' +
      'not say which org stands behind it, so this is a conclusion and no finding.',
    fix: [
      'Ask the sandbox’s administrator whether it was refreshed, or compare the org id in Setup, Company Information, with the one that is stored.',
      'If it was not: follow the diagnosis of the failed refresh.',
      ...RECOVERY_STEPS,
    ],
    endUserText: 'Your Salesforce sandbox may have been refreshed. Please ask your Salesforce administrator, or connect again.',
    confidence: 'M',
    source: 'our own comparison of the connections to this host',
  },
  /** The token endpoint has refused, but the sandbox itself does not answer: not the moment for a verdict. */
  away: {
    where: 'token',
    id: 'sandbox-not-reachable',
    class: 'transient',
    actor: 'salesforce',
    title: 'The sandbox does not answer at the moment',
    cause: 'Salesforce refused the refresh while the sandbox’s own host did not answer, as happens while a sandbox is being copied.',
    fix: ['Wait: it is tried again by itself, and once the host answers it shows whether the sandbox was refreshed.'],
    endUserText: 'Salesforce is not answering properly at the moment. Please try again in a few minutes.',
    confidence: 'M',
    source: 'our own record of both answers',
  },
  /** On a host that no refresh can put another org behind. */
  anotherOrg: {
    where: 'token',
    id: 'refresh-named-another-org',
    class: 'reconnect',
    actor: 'developer',
    title: 'A refresh brought a token for another org',
    cause:
      'The token answer names another org than the one that was connected. Its tokens were not taken, so that two orgs’ data are not mixed.',
    fix: [
      'Look for a proxy between the server and Salesforce that mixes up or caches answers.',
      'Otherwise let the user connect again, and compare the org.',
    ],
    endUserText: 'The connection to Salesforce has ended. Please connect again.',
    permanent: true,
    confidence: 'V',
    source: 'our own check of the token answer',
  },
} as const satisfies Record<string, Finding>
