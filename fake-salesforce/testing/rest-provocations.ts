import { namedErrors, restErrors } from '../error-table.ts'
import { connect, data, send, type Ask } from './browser.ts'
import { callAfter, observed, SANDBOX, USER, type Observed, type Provocation } from './provocation.ts'
import type { FakeSalesforce } from '../fake-salesforce.ts'

async function call(fake: FakeSalesforce, path: string, ask: Ask = {}): Promise<Observed> {
  return observed(await data(fake, await connect(fake), path, ask))
}

/** A call to an absolute URL with a good token. */
async function callUrl(fake: FakeSalesforce, url: string): Promise<Observed> {
  const { access_token: bearer = '' } = await connect(fake)
  return observed(await send(fake, url, { bearer }))
}

const query = (soql: string): string => `/query?q=${encodeURIComponent(soql)}`

type Row = [id: string, says: string, by: string, how: Provocation['how']]

const ROWS: Row[] = [
  ['session-expired', restErrors.sessionExpired.message, 'expireSessions', (fake) => callAfter(fake, () => fake.expireSessions())],
  [
    'session-of-other-org',
    restErrors.sessionExpired.message,
    "another org's host",
    (fake) => callUrl(fake, `${fake.url('org:globex-uat')}/services/data/v67.0/limits`),
  ],
  [
    'no-api-scope',
    restErrors.noApiScope.message,
    'scope=id',
    async (fake) => observed(await data(fake, await connect(fake, { query: { scope: 'id' } }), '/limits')),
  ],
  [
    'url-not-reset',
    restErrors.urlNotReset.errorCode,
    'a data call to test.salesforce.com',
    (fake) => callUrl(fake, 'https://test.salesforce.com/services/data/v67.0/limits'),
  ],
  [
    'daily-limit',
    restErrors.limitExceeded.message,
    'orgs.<key>.limits.max = 0',
    (fake) => callAfter(fake, () => fake.set('orgs.acme-uat.limits.max', 0)),
  ],
  [
    'api-off-for-org',
    restErrors.apiDisabledForOrg.errorCode,
    'orgs.<key>.apiEnabled',
    (fake) => callAfter(fake, () => fake.set('orgs.acme-uat.apiEnabled', false)),
  ],
  [
    'api-off-for-user',
    restErrors.apiDisabledForUser.errorCode,
    'users/<username>/apiEnabled',
    (fake) => callAfter(fake, () => fake.set(`/users/${USER}/apiEnabled`, false)),
  ],
  ['not-found', restErrors.notFound.message, 'an unknown path', (fake) => call(fake, '/nothing')],
  [
    'record-deleted',
    restErrors.deletedRecord.errorCode,
    'a deleted record',
    async (fake) => {
      const tokens = await connect(fake)
      const { id } = (await data(fake, tokens, '/sobjects/Account', { json: { Name: 'x' } })).json
      await data(fake, tokens, `/sobjects/Account/${id}`, { method: 'DELETE' })
      return observed(await data(fake, tokens, `/sobjects/Account/${id}`))
    },
  ],
  [
    'method-not-allowed',
    restErrors.methodNotAllowed.errorCode,
    'POST to query',
    (fake) => call(fake, query('SELECT Id FROM Account'), { method: 'POST', json: {} }),
  ],
  ['version-retired', restErrors.versionRetired.errorCode, 'v30.0', (fake) => callUrl(fake, `${SANDBOX}/services/data/v30.0/limits`)],
  ['malformed-query', restErrors.missingQuery.errorCode, 'SELECT FROM', (fake) => call(fake, query('SELECT FROM'))],
  [
    'invalid-field',
    namedErrors.noSuchColumn('Nope', 'Account').message,
    'SELECT Nope',
    (fake) => call(fake, query('SELECT Nope FROM Account')),
  ],
  [
    'invalid-type',
    namedErrors.unsupportedType('ScratchOrgInfo').message,
    'FROM ScratchOrgInfo',
    (fake) => call(fake, query('SELECT Id FROM ScratchOrgInfo')),
  ],
  [
    'json-parser',
    restErrors.badJson.errorCode,
    'a body that is no JSON',
    (fake) => call(fake, '/sobjects/Account', { method: 'POST', body: '{' }),
  ],
  [
    'required-field',
    namedErrors.missingFields(['Name']).message,
    'an account without a name',
    (fake) => call(fake, '/sobjects/Account', { json: {} }),
  ],
  ['query-locator', restErrors.badLocator.errorCode, 'an unknown cursor', (fake) => call(fake, '/query/01g000000000000AAA-2000')],
  [
    'external-id-twice',
    '/sobjects/Account/',
    'two records with one external id',
    async (fake) => {
      fake.addRecords('acme-uat', 'Account', [
        { Name: 'a', Key__c: '1' },
        { Name: 'b', Key__c: '1' },
      ])
      return call(fake, '/sobjects/Account/Key__c/1')
    },
  ],
  [
    'metadata-permission',
    restErrors.noMetadataPermission.errorCode,
    'users/<username>/permissions/modifyMetadata',
    (fake) => {
      fake.set(`/users/${USER}/permissions/modifyMetadata`, false)
      return call(fake, '/metadata/deployRequest', { method: 'POST', json: {} })
    },
  ],
  [
    'secrets-not-enabled',
    restErrors.secretsNotEnabled.message,
    'orgs.<key>.ecaSecretRest',
    (fake) => call(fake, '/apps/oauth/credentials/hawser_acme_uat'),
  ],
  [
    'secrets-permission',
    restErrors.insufficientAccess.message,
    'users/<username>/permissions/viewClientSecret',
    (fake) => {
      fake.set('orgs.acme-uat.ecaSecretRest', true)
      fake.set(`/users/${USER}/permissions/viewClientSecret`, false)
      return call(fake, '/apps/oauth/credentials/hawser_acme_uat')
    },
  ],
  [
    'soap',
    'sf:INVALID_SESSION_ID',
    'any SOAP call',
    async (fake) => observed(await send(fake, `${SANDBOX}/services/Soap/u/67.0`, { body: '<x/>' })),
  ],
  [
    'edge-unknown-host',
    'no routing information',
    'a host that nobody has',
    async (fake) => observed(await send(fake, 'https://nobody.my.salesforce.com/services/data')),
  ],
  [
    'lightning-host',
    '',
    'a data call to the Lightning host',
    (fake) => callUrl(fake, `${fake.url('lightning')}/services/data/v67.0/limits`),
  ],
  ['outage', restErrors.serverUnavailable.errorCode, 'outage', (fake) => callAfter(fake, () => fake.outage({ ms: 1000 }))],
  ['html-error', 'internal server error', 'knobs.htmlErrorTimes', (fake) => callAfter(fake, () => fake.set('knobs.htmlErrorTimes', 1))],
  ['garbage', '', 'knobs.garbageTimes', (fake) => callAfter(fake, () => fake.set('knobs.garbageTimes', 1))],
  ['org-deleted', 'Data Not Available', 'deleteOrg', (fake) => callAfter(fake, () => fake.deleteOrg('acme-uat'))],
]

const SCRIPTED = {
  'not-attached': restErrors.notAttached,
  'concurrent-limit': restErrors.concurrentLimit,
  'read-only': restErrors.readOnly,
  'cannot-write': restErrors.cannotWrite,
  'validation-rule': restErrors.validationRule,
  duplicates: restErrors.duplicates,
  'malformed-id': restErrors.malformedId,
  'uri-too-long': restErrors.uriTooLong,
  'unknown-exception': restErrors.unknownException,
  'bad-gateway': restErrors.badGateway,
}

export const restProvocations: readonly Provocation[] = [
  ...ROWS.map(([id, says, by, how]): Provocation => ({ id, where: 'rest', says, by, how })),
  ...Object.entries(SCRIPTED).map(([id, error]): Provocation => ({
    id,
    where: 'rest',
    says: error.message,
    by: "answerNext('rest', …)",
    how: (fake) => callAfter(fake, () => fake.answerNext('rest', error)),
  })),
]

export const identityProvocations: readonly Provocation[] = [
  {
    id: 'bad-oauth-token',
    where: 'identity',
    says: 'Bad_OAuth_Token',
    by: 'userinfo with a dead token',
    how: async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/userinfo`, { bearer: 'dead' })),
  },
  {
    id: 'missing-oauth-token',
    where: 'identity',
    says: 'Missing_OAuth_Token',
    by: 'userinfo without a token',
    how: async (fake) => observed(await send(fake, `${SANDBOX}/services/oauth2/userinfo`)),
  },
  {
    id: 'wrong-org',
    where: 'identity',
    says: 'Wrong_Org',
    by: "the identity URL of another org's id",
    how: async (fake) => {
      const { id = '', access_token: bearer = '' } = await connect(fake)
      const [own, other] = [fake.state.orgs.get('acme-uat')?.orgId ?? '', fake.state.orgs.get('globex-uat')?.orgId ?? '']
      return observed(await send(fake, id.replace(own, other), { bearer }))
    },
  },
  {
    id: 'inactive-introspection',
    where: 'identity',
    says: '"active":false',
    by: 'introspect with a dead token',
    how: async (fake) => {
      const { key, secret } = fake.state.apps.get('hawser_acme_uat')?.consumers[0] ?? { key: '', secret: '' }
      const form = { token: 'dead', client_id: key, client_secret: secret }
      return observed(await send(fake, `${SANDBOX}/services/oauth2/introspect`, { form }))
    },
  },
]
