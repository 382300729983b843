import { oauthErrors, pageErrors } from '../error-table.ts'
import { askToAuthorize, CALLBACK, send } from './browser.ts'
import { APP, browse, observed, SANDBOX, USER, type Provocation } from './provocation.ts'

const SCRIPTED = {
  'https-required': oauthErrors.httpsRequired,
  'user-credentials': oauthErrors.userCredentials,
  'too-many-logins': oauthErrors.tooManyLogins,
  'authorize-retry': oauthErrors.retryRequest,
  'authorize-server-error': oauthErrors.serverError,
}

/** What ends at the callback, as `error` and `error_description`. */
export const authorizeProvocations: readonly Provocation[] = [
  {
    id: 'challenge-missing',
    where: 'authorize',
    says: oauthErrors.challengeMissing.description,
    by: 'no code_challenge, PKCE required',
    how: (fake) => browse(fake, { query: { code_challenge: null, code_challenge_method: null } }),
  },
  {
    id: 'challenge-method',
    where: 'authorize',
    says: oauthErrors.challengeMethod.description,
    by: 'code_challenge_method=plain',
    how: (fake) => browse(fake, { query: { code_challenge_method: 'plain' } }),
  },
  {
    id: 'invalid-scope',
    where: 'authorize',
    says: oauthErrors.invalidScope.error,
    by: 'a scope that the app lacks',
    how: (fake) => browse(fake, { query: { scope: 'api full' } }),
  },
  {
    id: 'access-denied',
    where: 'authorize',
    says: oauthErrors.denied.description,
    by: "consent({ decision: 'deny' })",
    how: (fake) => (fake.consent({ decision: 'deny' }), browse(fake)),
  },
  {
    id: 'inactive-user-at-login',
    where: 'authorize',
    says: oauthErrors.inactiveUserAtLogin.error,
    by: 'deactivateUser',
    how: (fake) => (fake.deactivateUser(USER), browse(fake)),
  },
  {
    id: 'inactive-org-at-login',
    where: 'authorize',
    says: oauthErrors.inactiveOrgAtLogin.error,
    by: 'orgs.<key>.locked',
    how: (fake) => (fake.set('orgs.acme-uat.locked', true), browse(fake)),
  },
  {
    id: 'ip-at-login',
    where: 'authorize',
    says: oauthErrors.ipAtLogin.description,
    by: 'users/<username>/loginIpRanges',
    how: (fake) => (fake.set(`/users/${USER}/loginIpRanges`, [{ start: '10.0.0.1', end: '10.0.0.1' }]), browse(fake)),
  },
  {
    id: 'immediate-unsuccessful',
    where: 'authorize',
    says: oauthErrors.immediateUnsuccessful.error,
    by: "consent({ decision: 'ask' }) and immediate=true",
    how: (fake) => (fake.consent({ decision: 'ask' }), browse(fake, { query: { immediate: 'true' } })),
  },
  ...Object.entries(SCRIPTED).map(([id, error]): Provocation => ({
    id,
    where: 'authorize',
    says: error.description,
    by: "answerNext('authorize', …)",
    how: (fake) => (fake.answerNext('authorize', error), browse(fake)),
  })),
]

/** What ends on a page of Salesforce; the callback hears nothing. */
export const pageProvocations: readonly Provocation[] = [
  {
    id: 'response-type',
    where: 'page',
    says: oauthErrors.unsupportedResponseType.error,
    by: 'response_type=token',
    how: (fake) => browse(fake, { query: { response_type: 'token' } }),
  },
  {
    id: 'unknown-client',
    where: 'page',
    says: 'error=invalid_client_id&error_description=client%20identifier%20invalid',
    by: 'an unknown client_id',
    how: (fake) => browse(fake, { query: { client_id: '3MVG9nobody' } }),
  },
  {
    id: 'client-of-other-environment',
    where: 'page',
    says: 'invalid_client_id',
    by: "a sandbox app's key at login.salesforce.com",
    how: (fake) => browse(fake, { at: 'login' }),
  },
  {
    id: 'client-not-propagated',
    where: 'page',
    says: 'invalid_client_id',
    by: 'knobs.propagationDelayMs, then addApp',
    how: (fake) => {
      fake.set('knobs.propagationDelayMs', 600_000)
      fake.addApp({ orgKey: 'acme-uat', developerName: 'fresh', callbackUrls: [CALLBACK] })
      return browse(fake, { app: 'fresh' })
    },
  },
  {
    id: 'redirect-missing',
    where: 'page',
    says: oauthErrors.redirectMissing.error,
    by: 'no redirect_uri',
    how: (fake) => browse(fake, { query: { redirect_uri: null } }),
  },
  {
    id: 'redirect-mismatch',
    where: 'page',
    says: 'error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration',
    by: 'a callback with a slash too many',
    how: (fake) => browse(fake, { query: { redirect_uri: `${CALLBACK}/` } }),
  },
  {
    id: 'out-of-band',
    where: 'page',
    says: 'out%20of%20band%20not%20supported',
    by: 'redirect_uri=urn:ietf:wg:oauth:2.0:oob',
    how: (fake) => browse(fake, { query: { redirect_uri: 'urn:ietf:wg:oauth:2.0:oob' } }),
  },
  {
    id: 'authorize-by-post',
    where: 'page',
    says: 'must%20use%20HTTP%20GET',
    by: 'POST to authorize',
    how: async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/authorize`, { form: {} })),
  },
  {
    id: 'restricted-domain',
    where: 'page',
    says: 'Restricted Domain',
    by: 'orgs.<key>.preventGenericLogin, at the generic host',
    how: (fake) => (fake.set('orgs.acme-uat.preventGenericLogin', true), browse(fake, { at: 'test' })),
  },
  {
    id: 'login-failed',
    where: 'page',
    says: 'check your username and password',
    by: 'a production user at a sandbox host',
    how: (fake) => (fake.consent({ decision: 'allow', user: 'ann@acme.example' }), browse(fake)),
  },
  {
    id: 'cross-org',
    where: 'page',
    says: pageErrors.crossOrg.description,
    by: 'a Local app, and a browser session in another org',
    how: (fake) => (fake.consent({ decision: 'allow', org: 'globex-uat' }), browse(fake, { at: 'test' })),
  },
  {
    id: 'eca-not-installed',
    where: 'page',
    says: pageErrors.ecaNotFound.description,
    by: "apps.<name>.distribution = 'Packaged'",
    how: (fake) => (fake.set(`apps.${APP}.distribution`, 'Packaged'), browse(fake)),
  },
  {
    id: 'ca-not-installed',
    where: 'page',
    says: pageErrors.notInstalled.onScreen,
    by: "apps.<name>.type = 'ca' of another org, not installed",
    how: (fake) => {
      fake.addApp({ orgKey: 'acme', type: 'ca', developerName: 'vendor', callbackUrls: [CALLBACK] })
      return browse(fake, { app: 'vendor' })
    },
  },
  {
    id: 'admin-approval',
    where: 'page',
    says: pageErrors.accessDenied.onScreen,
    by: "apps.<name>.policy.permittedUsers = 'AdminApprovedPreAuthorized'",
    how: (fake) => (fake.set(`apps.${APP}.policy.permittedUsers`, 'AdminApprovedPreAuthorized'), browse(fake)),
  },
  {
    id: 'app-blocked',
    where: 'page',
    says: pageErrors.blocked.onScreen,
    by: 'apps.<name>.blocked',
    how: (fake) => (fake.set(`apps.${APP}.blocked`, true), browse(fake)),
  },
  {
    id: 'org-under-construction',
    where: 'page',
    says: 'site under construction',
    by: 'deleteOrg',
    how: (fake) => (fake.deleteOrg('acme-uat'), browse(fake)),
  },
  {
    id: 'sandbox-copying',
    where: 'page',
    says: 'being refreshed',
    by: 'sandboxRefresh(…, { copyMs })',
    how: async (fake) => {
      fake.sandboxRefresh('acme-uat', { apps: 'keep', copyMs: 1000 })
      return observed(await askToAuthorize(fake))
    },
  },
]
