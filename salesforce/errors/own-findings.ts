import type { ErrorRow } from './error-row.ts'

type Finding = Omit<ErrorRow, 'match'>

const common = { where: 'check', confidence: 'V' } as const

/**
 * Findings of our own whose words name a connection, an org or a day when they are made: here in general, for the guide and for somebody who pastes
 * one. Their ids are those of `server/orgs` and `server/connections`.
 */
export const ownFindings: readonly Finding[] = [
  {
    ...common,
    id: 'another-org',
    class: 'user',
    title: 'The sign-in ended in another org than the connection’s',
    cause:
      'The connection belongs to one org, and the user has signed in to another one at another address. Usually the browser still had a session there.',
    fix: [
      'Let the user try again in a private window and sign in to the connection’s org, best with its My Domain.',
      'If the other org is meant, make a new connection for it.',
    ],
    endUserText: 'You signed in to another Salesforce org than before. Please try again in a private window and choose the right one.',
    source: 'our own comparison of org ids',
  },
  {
    ...common,
    id: 'org-kind-refused',
    class: 'user',
    title: 'The environment does not take orgs of this kind',
    cause: 'The environment’s refused_org_kinds names the kind of org that the user signed in to.',
    fix: ['Let the user sign in to another org.', 'Or take the kind out of refused_org_kinds, or connect the org in another environment.'],
    endUserText: 'Orgs of this kind cannot be connected here. Please try again and sign in to another org.',
    source: 'the environment’s settings',
  },
  {
    ...common,
    id: 'approvals-used-up',
    class: 'config',
    title: 'This Salesforce user has approved this app as often as Salesforce allows',
    cause:
      'Salesforce keeps five approvals of one user for one app. One more sign-in of this user ends the oldest connection without a word.',
    fix: [
      'Let one connection of this Salesforce user serve all that need it, and delete the others.',
      'Or let each person sign in with a Salesforce user of their own, or give the further connections an app of their own.',
    ],
    endUserText: 'This Salesforce user is connected five times already. If it is connected once more, the oldest connection stops working.',
    source: 'HELP',
  },
  {
    ...common,
    id: 'approval-evicted',
    class: 'config',
    title: 'A sixth sign-in of the same Salesforce user has ended this connection’s approval',
    cause: 'Salesforce keeps five approvals of one user for one app, and this connection’s was the oldest. Its next refresh will fail.',
    fix: [
      'Delete this connection if the newer one serves the same purpose.',
      'Else delete another connection of this Salesforce user first, and then let the user reconnect this one.',
    ],
    endUserText:
      'This connection was replaced when the same Salesforce user connected once more. Please contact our support before you reconnect.',
    source: 'HELP',
  },
  {
    ...common,
    id: 'interrupted-refresh',
    class: 'reconnect',
    title: 'A refresh was interrupted and the refresh token no longer works',
    cause:
      'The answer to a refresh was lost, and Salesforce may have replaced the token. The one that is stored was tried once more, and failed.',
    fix: ['Let the user connect again.', 'If it happens often, look at the network between this server and Salesforce.'],
    endUserText: 'The connection was interrupted. Please connect again.',
    source: 'our own record of the request',
  },
  {
    ...common,
    id: 'revocation-failed',
    class: 'config',
    actor: 'customer_admin',
    title: 'The grant of a deleted connection may live on in Salesforce',
    cause: 'Salesforce did not take the revocation, however often it was tried. The tokens are deleted here.',
    fix: [
      'Let the administrator remove the app’s access in Setup, under "Connected Apps OAuth Usage".',
      'Look at the network between this server and the org.',
    ],
    endUserText: 'Access that you gave to this app may still be listed in your account. Your administrator can remove it there.',
    source: 'our own record of the attempts',
  },
]
