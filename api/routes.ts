/** Every JSON endpoint, in the order of the documentation. */
import * as activity from './activity.ts'
import * as audit from './audit.ts'
import * as connectSessions from './connect-sessions.ts'
import * as connectionTokens from './connection-tokens.ts'
import * as connections from './connections.ts'
import * as deliveries from './deliveries.ts'
import * as doctor from './doctor.ts'
import * as environment from './environment.ts'
import * as freeze from './freeze.ts'
import * as health from './health.ts'
import * as integrations from './integrations.ts'
import * as issues from './issues.ts'
import * as members from './members.ts'
import * as overview from './overview.ts'
import * as people from './people.ts'
import * as providers from './providers.ts'
import type { Route } from './route.ts'
import * as salesforceApps from './salesforce-apps.ts'
import * as signingKeys from './signing-keys.ts'
import * as vaultStatus from './vault-status.ts'

export const routes = [
  connectSessions.createConnectSession,
  connectSessions.createReconnectSession,
  connectSessions.getConnectSession,
  connectSessions.deleteConnectSession,
  connections.listConnections,
  connections.getConnection,
  connections.importConnection,
  connections.updateConnection,
  connections.deleteConnection,
  connections.setMetadata,
  connections.updateMetadata,
  connectionTokens.createConnectionToken,
  connectionTokens.deleteTokensOfConnection,
  connectionTokens.listConnectionTokens,
  connectionTokens.deleteConnectionToken,
  connectionTokens.exchangeToken,
  issues.listIssues,
  audit.listAudit,
  activity.listActivity,
  activity.getActivity,
  overview.getOverview,
  deliveries.listDeliveries,
  deliveries.getDelivery,
  deliveries.replayDelivery,
  deliveries.replayDeliveries,
  deliveries.testWebhook,
  vaultStatus.getVault,
  integrations.listIntegrations,
  integrations.createIntegration,
  integrations.createQuickstartIntegration,
  integrations.getIntegration,
  integrations.updateIntegration,
  integrations.deleteIntegration,
  integrations.listIntegrationClients,
  integrations.stageIntegrationClient,
  integrations.promoteIntegrationClient,
  integrations.deleteStagedIntegrationClient,
  integrations.deleteIntegrationClient,
  integrations.recordAppMigration,
  salesforceApps.salesforceAppFiles,
  doctor.probeIntegration,
  doctor.diagnoseText,
  providers.listProviders,
  providers.getProvider,
  environment.getEnvironment,
  environment.updateEnvironment,
  environment.listApiKeys,
  environment.createApiKey,
  environment.deleteApiKey,
  signingKeys.listSigningKeys,
  signingKeys.createSigningKey,
  signingKeys.deleteSigningKey,
  freeze.freezeEnvironment,
  freeze.unfreezeEnvironment,
  freeze.freezeIntegration,
  freeze.unfreezeIntegration,
  freeze.freezeConnection,
  freeze.unfreezeConnection,
  freeze.revokeGrants,
  health.health,
  health.ready,
  health.openapi,
] as const satisfies readonly Route[]

/** For the dashboard alone: people sign in and look after each other. No API key may call these. */
export const peopleRoutes = [
  people.getSignInWays,
  people.signIn,
  people.enterSecondFactor,
  people.signOut,
  people.readLink,
  people.welcomeOwner,
  people.acceptInvitation,
  people.setPassword,
  people.confirmIdentity,
  people.changePassword,
  people.beginSecondFactor,
  people.finishSecondFactor,
  people.endSecondFactor,
  people.renewRecoveryCodes,
  members.getMe,
  members.updateMe,
  members.listSessions,
  members.deleteSession,
  members.deleteSessions,
  members.listPeople,
  members.listInvitations,
  members.createInvitation,
  members.deleteInvitation,
  members.updatePerson,
  members.deletePerson,
  members.createPasswordLink,
  members.listEnvironments,
  members.createEnvironment,
] as const satisfies readonly Route[]
