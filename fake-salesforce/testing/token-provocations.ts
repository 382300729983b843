import { generateKeyPairSync, sign } from 'node:crypto'
import { oauthErrors, restErrors } from '../error-table.ts'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { askForToken, askToAuthorize, CALLBACK, callbackOf, connect, exchange, refresh, send, type Flow } from './browser.ts'
import { APP, observed, refreshAfter, SANDBOX, USER, type Observed, type Provocation } from './provocation.ts'

const DAY = 86_400_000

async function codeOf(fake: FakeSalesforce, flow: Flow = {}): Promise<string> {
  return callbackOf(await askToAuthorize(fake, flow))['code'] ?? ''
}

async function exchangeAfter(fake: FakeSalesforce, happen: () => unknown, flow: Flow = {}): Promise<Observed> {
  const code = await codeOf(fake, flow.query === undefined ? {} : { query: flow.query })
  happen()
  return observed(await exchange(fake, code, flow))
}

async function asks(fake: FakeSalesforce, form: Record<string, string>, at?: Flow['at']): Promise<Observed> {
  return observed(await askForToken(fake, at === undefined ? {} : { at }, form))
}

/** A JWT assertion for the app; it is good unless claims say otherwise. */
async function assertion(fake: FakeSalesforce, claims: Record<string, unknown>): Promise<Observed> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  fake.set(`apps.${APP}.certificatePem`, publicKey.export({ type: 'spki', format: 'pem' }))
  const iss = fake.state.apps.get(APP)?.consumers[0]?.key
  const all = { iss, sub: USER, aud: 'https://test.salesforce.com', exp: Math.floor(fake.state.clock.now() / 1000) + 60, ...claims }
  const signed = [{ alg: 'RS256' }, all].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  const signature = sign('sha256', Buffer.from(signed), privateKey).toString('base64url')
  return asks(fake, { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion: `${signed}.${signature}` })
}

const EXPIRED = oauthErrors.expiredToken.description
const CLIENT_CREDENTIALS = { grant_type: 'client_credentials' }

type Row = [id: string, says: string, by: string, how: Provocation['how']]

const REFRESHES: Row[] = [
  ['refresh-revoked', EXPIRED, 'revokeUser', (fake) => refreshAfter(fake, () => fake.revokeUser(USER))],
  [
    'refresh-idle-30-days',
    EXPIRED,
    'apps.<name>.flags.enforceTtl30d, advance',
    (fake) => (fake.set(`apps.${APP}.flags.enforceTtl30d`, true), refreshAfter(fake, () => fake.advance(31 * DAY))),
  ],
  [
    'refresh-sixth-approval',
    EXPIRED,
    'a sixth authorization of the same user',
    (fake) =>
      refreshAfter(fake, async () => {
        for (let i = 0; i < 5; i++) await connect(fake)
      }),
  ],
  [
    'refresh-rotated-away',
    EXPIRED,
    'apps.<name>.flags.rotation, the former token',
    (fake) => (fake.set(`apps.${APP}.flags.rotation`, true), refreshAfter(fake, (tokens) => refresh(fake, tokens['refresh_token'] ?? ''))),
  ],
  [
    'refresh-at-wrong-host',
    EXPIRED,
    "another org's host",
    async (fake) => {
      const tokens = await connect(fake)
      return observed(await refresh(fake, tokens['refresh_token'] ?? '', { at: 'org:globex-uat' }))
    },
  ],
  [
    'refresh-after-sandbox-refresh',
    EXPIRED,
    "sandboxRefresh(…, { apps: 'keep' })",
    (fake) => refreshAfter(fake, () => fake.sandboxRefresh('acme-uat', { apps: 'keep' })),
  ],
  [
    'refresh-app-wiped',
    oauthErrors.unknownClient.description,
    'sandboxRefresh',
    (fake) => refreshAfter(fake, () => fake.sandboxRefresh('acme-uat')),
  ],
  ['refresh-app-deleted', oauthErrors.unknownClient.description, 'removeApp', (fake) => refreshAfter(fake, () => fake.removeApp(APP))],
  [
    'refresh-lifetime-over',
    oauthErrors.validityExpired.description,
    "apps.<name>.policy.rtPolicy = 'SpecificLifetime', advance",
    (fake) => (fake.set(`apps.${APP}.policy.rtPolicy`, 'SpecificLifetime'), refreshAfter(fake, () => fake.advance(366 * DAY))),
  ],
  [
    'refresh-inactive-user',
    oauthErrors.inactiveUser.description,
    'deactivateUser',
    (fake) => refreshAfter(fake, () => fake.deactivateUser(USER)),
  ],
  [
    'refresh-inactive-org',
    oauthErrors.inactiveOrg.description,
    'orgs.<key>.locked',
    (fake) => refreshAfter(fake, () => fake.set('orgs.acme-uat.locked', true)),
  ],
  [
    'refresh-ip',
    oauthErrors.ipRestricted.description,
    'apps.<name>.tokenIpRanges',
    (fake) => refreshAfter(fake, () => fake.set(`apps.${APP}.tokenIpRanges`, [{ start: '10.0.0.1', end: '10.0.0.1' }])),
  ],
  [
    'refresh-not-admitted',
    oauthErrors.noAppAccess.description,
    'apps.<name>.policy.permittedUsers',
    (fake) => refreshAfter(fake, () => fake.set(`apps.${APP}.policy.permittedUsers`, 'AdminApprovedPreAuthorized')),
  ],
  ['refresh-wrong-secret', oauthErrors.wrongSecret.description, 'rotateSecret', (fake) => refreshAfter(fake, () => fake.rotateSecret(APP))],
  ['refresh-org-gone', 'site under construction', 'deleteOrg', (fake) => refreshAfter(fake, () => fake.deleteOrg('acme-uat'))],
  [
    'refresh-host-unrouted',
    'no routing information',
    'renameMyDomain, at the former host',
    async (fake) => {
      fake.renameMyDomain('acme-uat', 'umbra')
      return observed(await send(fake, `${SANDBOX}/services/oauth2/token`, { form: { grant_type: 'refresh_token' } }))
    },
  ],
  ['refresh-outage', restErrors.serverUnavailable.errorCode, 'outage', (fake) => refreshAfter(fake, () => fake.outage({ requests: 1 }))],
  [
    'refresh-html-error',
    'internal server error',
    'knobs.htmlErrorTimes',
    (fake) => refreshAfter(fake, () => fake.set('knobs.htmlErrorTimes', 1)),
  ],
]

const OTHERS: Row[] = [
  [
    'code-unknown',
    oauthErrors.unknownCode.description,
    'a code that was never given',
    async (fake) => observed(await exchange(fake, 'aPrxnever')),
  ],
  [
    'code-reused',
    oauthErrors.expiredCode.description,
    'the same code twice',
    async (fake) => {
      const code = await codeOf(fake)
      await exchange(fake, code)
      return observed(await exchange(fake, code))
    },
  ],
  [
    'code-expired',
    oauthErrors.expiredCode.description,
    'advance by 16 minutes',
    (fake) => exchangeAfter(fake, () => fake.advance(16 * 60_000)),
  ],
  [
    'code-verifier-wrong',
    oauthErrors.invalidVerifier.description,
    'another code_verifier',
    (fake) => exchangeAfter(fake, () => undefined, { form: { code_verifier: 'x'.repeat(43) } }),
  ],
  [
    'code-verifier-unexpected',
    oauthErrors.unexpectedVerifier.description,
    'apps.<name>.flags.pkceRequired = false, no challenge but a verifier',
    (fake) => {
      fake.set(`apps.${APP}.flags.pkceRequired`, false)
      return exchangeAfter(fake, () => undefined, { query: { code_challenge: null, code_challenge_method: null } })
    },
  ],
  [
    'code-redirect-mismatch',
    oauthErrors.redirectMismatch.description,
    'another redirect_uri',
    (fake) => exchangeAfter(fake, () => undefined, { form: { redirect_uri: `${CALLBACK}/` } }),
  ],
  [
    'code-without-secret',
    oauthErrors.wrongSecret.description,
    'no client_secret',
    (fake) => exchangeAfter(fake, () => undefined, { form: { client_secret: null } }),
  ],
  ['grant-type', oauthErrors.unsupportedGrantType.description, 'an unknown grant_type', (fake) => asks(fake, { grant_type: 'x' })],
  ['password-flow', oauthErrors.passwordFlow.error, 'grant_type=password', (fake) => asks(fake, { grant_type: 'password' })],
  [
    'token-by-get',
    oauthErrors.mustPost.description,
    'GET to token',
    async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/token`)),
  ],
  [
    'client-credentials-at-generic-host',
    oauthErrors.wrongDomain.description,
    'client credentials at test.salesforce.com',
    (fake) => asks(fake, CLIENT_CREDENTIALS, 'test'),
  ],
  [
    'client-credentials-off',
    oauthErrors.clientCredentialsOff.description,
    'client credentials, flag off',
    (fake) => asks(fake, CLIENT_CREDENTIALS),
  ],
  [
    'client-credentials-no-user',
    oauthErrors.noRunAsUser.description,
    'apps.<name>.flags.clientCredentials',
    (fake) => (fake.set(`apps.${APP}.flags.clientCredentials`, true), asks(fake, CLIENT_CREDENTIALS)),
  ],
  [
    'client-credentials-no-scopes',
    oauthErrors.noValidScopes.description,
    'apps.<name>.scopes = []',
    (fake) => {
      fake.set(`apps.${APP}.flags.clientCredentials`, true)
      fake.set(`apps.${APP}.policy.runAs`, USER)
      fake.set(`apps.${APP}.scopes`, [])
      return asks(fake, CLIENT_CREDENTIALS)
    },
  ],
  ['assertion-invalid', oauthErrors.invalidAssertion.description, 'an assertion that ended', (fake) => assertion(fake, { exp: 1 })],
  [
    'assertion-audience',
    oauthErrors.invalidAudience.description,
    'another audience',
    (fake) => assertion(fake, { aud: 'https://elsewhere.example' }),
  ],
  ['assertion-not-approved', oauthErrors.notApproved.description, 'an assertion without an approval', (fake) => assertion(fake, {})],
  [
    'revoke-unknown',
    'invalid_token',
    'revoke with an unknown token',
    async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/revoke`, { form: { token: 'x' } })),
  ],
  [
    'revoke-token-type',
    'unsupported_token_type',
    'revoke with token_type_hint=x',
    async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/revoke`, { form: { token: 'x', token_type_hint: 'x' } })),
  ],
]

const SCRIPTED = {
  'authentication-failure': oauthErrors.authenticationFailure,
  'activation-secret': oauthErrors.activationSecret,
  'inactive-user-code': oauthErrors.inactiveUserCode,
  'assertion-type': oauthErrors.invalidAssertionType,
  'refresh-retry': oauthErrors.retryRequest,
  'refresh-server-error': oauthErrors.serverError,
  'refresh-too-many-logins': oauthErrors.tooManyLogins,
}

export const tokenProvocations: readonly Provocation[] = [
  ...[...REFRESHES, ...OTHERS].map(([id, says, by, how]): Provocation => ({ id, where: 'token', says, by, how })),
  ...Object.entries(SCRIPTED).map(([id, error]): Provocation => ({
    id,
    where: 'token',
    says: error.description,
    by: "answerNext('token', …)",
    how: (fake) => refreshAfter(fake, () => fake.answerNext('token', error)),
  })),
]
