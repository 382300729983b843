/** Request bodies that are right but for one thing; by the name of the route in `api/routes.ts`. */
const NUL = 'a\u0000b'
const LONE_SURROGATE = 'a\ud800b'
const LONG = 'x'.repeat(300)
const VERY_LONG = 'x'.repeat(20_000)
const many = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n))

/** What the bodies refer to. */
export interface Known {
  integration: string
  connectionId: string
}

export function badBodies({ integration, connectionId }: Known): Record<string, [what: string, body: unknown][]> {
  const endUser = { id: 'u' }
  const credentials = { type: 'OAUTH2', access_token: 'a' }
  const imported = { provider_config_key: integration, credentials }
  const metadata = { provider_config_key: integration, connection_id: connectionId, metadata: {} }
  const made = { provider: 'salesforce', unique_key: 'never-made' }
  const app = { label: 'Acme Sync', contact_email: 'admin@acme.example' }
  const sessions: [string, Record<string, unknown>][] = [
    ['end user without id', { end_user: {} }],
    ['end user id too long', { end_user: { id: LONG } }],
    ['end user id with NUL', { end_user: { id: NUL } }],
    ['end user id a number', { end_user: { id: 7 } }],
    ['end user email', { end_user: { id: 'u', email: 'nobody' } }],
    ['unknown field of the end user', { end_user: { id: 'u', nonsense: 1 } }],
    ['eleven tags', { end_user: endUser, tags: Object.fromEntries(many(11, (n) => [`t${n}`, 'v'])) }],
    ['tag name', { end_user: endUser, tags: { '1st': 'v' } }],
    ['tag value with NUL', { end_user: endUser, tags: { a: NUL } }],
    ['tags that differ in case', { end_user: endUser, tags: { a: '1', A: '2' } }],
    ['webhook URL of another scheme', { end_user: endUser, webhook_url_override: 'javascript:alert(1)' }],
    ['organization without id', { end_user: endUser, organization: {} }],
    ['defaults of an unknown integration', { end_user: endUser, integrations_config_defaults: { nowhere: {} } }],
    ['defaults with an unknown field', { end_user: endUser, integrations_config_defaults: { [integration]: { nonsense: 1 } } }],
    ['docs link of another scheme', { end_user: endUser, overrides: { [integration]: { docs_connect: 'javascript:alert(1)' } } }],
  ]
  return {
    createConnectSession: [
      ...sessions,
      ['nobody named', { allowed_integrations: [integration] }],
      ['unknown integration', { end_user: endUser, allowed_integrations: ['nowhere'] }],
      ['101 integrations', { end_user: endUser, allowed_integrations: many(101, () => integration) }],
      ['integration key too long', { end_user: endUser, allowed_integrations: [LONG] }],
    ],
    createReconnectSession: [
      ...sessions.map(([what, body]): [string, unknown] => [what, { connection_id: connectionId, integration_id: integration, ...body }]),
      ['unknown connection', { connection_id: 'nobody', integration_id: integration }],
      ['unknown integration', { connection_id: connectionId, integration_id: 'nowhere' }],
      ['connection id too long', { connection_id: LONG, integration_id: integration }],
      ['connection id with NUL', { connection_id: NUL, integration_id: integration }],
    ],
    importConnection: [
      ['no credentials', { provider_config_key: integration }],
      ['another auth mode', { ...imported, credentials: { type: 'BASIC', username: 'a', password: 'b' } }],
      ['a mode that does not fit', { ...imported, credentials: { type: 'NONE' } }],
      ['empty access token', { ...imported, credentials: { ...credentials, access_token: '' } }],
      ['access token too long', { ...imported, credentials: { ...credentials, access_token: VERY_LONG } }],
      ['access token that is no header value', { ...imported, credentials: { ...credentials, access_token: 'a\r\nx: y' } }],
      ['expiry that is no date', { ...imported, credentials: { ...credentials, expires_at: 'tomorrow' } }],
      ['unknown field of the credentials', { ...imported, credentials: { ...credentials, nonsense: 1 } }],
      ['connection id too long', { ...imported, connection_id: LONG }],
      ['connection id with NUL', { ...imported, connection_id: NUL }],
      ['connection id with a line break', { ...imported, connection_id: 'a\nb' }],
      ['metadata a list', { ...imported, metadata: [] }],
      ['configuration a text', { ...imported, connection_config: 'x' }],
      ['unknown integration', { ...imported, provider_config_key: 'nowhere' }],
      ['integration key too long', { ...imported, provider_config_key: LONG }],
      ['no instance URL', imported],
    ],
    updateConnection: [
      ['end user without id', { end_user: {} }],
      ['tag name', { tags: { 'no spaces': 'v' } }],
      ['tag value empty', { tags: { a: '' } }],
      ['tag value with NUL', { tags: { a: NUL } }],
      ['webhook URL', { webhook_url_override: 'nonsense' }],
      ['a field that may not change', { connection_id: 'other' }],
      ['instance URL by the back door', { connection_config: { instance_url: 'https://evil.example' } }],
    ],
    setMetadata: metadataBodies(metadata),
    updateMetadata: metadataBodies(metadata),
    createIntegration: [
      ['unknown provider', { ...made, provider: 'nowhere' }],
      ['provider name with a path', { ...made, provider: '../salesforce' }],
      ['key with a slash', { ...made, unique_key: 'a/b' }],
      ['key too long', { ...made, unique_key: LONG }],
      ['key with NUL', { ...made, unique_key: NUL }],
      ['key taken', { ...made, unique_key: integration }],
      ['empty name', { ...made, display_name: '' }],
      ['name with NUL', { ...made, display_name: NUL }],
      ['credentials of another mode', { ...made, credentials: { type: 'OAUTH1', client_id: 'a', client_secret: 'b' } }],
      ['empty client id', { ...made, credentials: { type: 'OAUTH2', client_id: ' ', client_secret: 'b' } }],
      ['client id with NUL', { ...made, credentials: { type: 'OAUTH2', client_id: NUL, client_secret: 'b' } }],
      ['scopes with spaces', { ...made, credentials: { type: 'OAUTH2', client_id: 'a', scopes: 'api refresh_token' } }],
      ['hosts with a star', { ...made, base_url_override_hosts: ['*.example.com'] }],
      ['hosts with a path', { ...made, base_url_override_hosts: ['example.com/x'] }],
      ['forward_webhooks a text', { ...made, forward_webhooks: 'yes' }],
      ...badSettings.map(([what, body]): [string, unknown] => [what, { ...made, ...body }]),
    ],
    createQuickstartIntegration: [
      ['unknown provider', { ...made, provider: 'nowhere' }],
      ['key taken', { ...made, unique_key: integration }],
      ['credentials, which belong elsewhere', { ...made, credentials: { type: 'OAUTH2', client_id: 'a' } }],
    ],
    updateIntegration: [
      ['another provider', { provider: 'salesforce' }],
      ['key with a slash', { unique_key: 'a/b' }],
      ['name with NUL', { display_name: NUL }],
      ['client secret empty', { credentials: { type: 'OAUTH2', client_secret: '' } }],
      ['hosts a text', { base_url_override_hosts: 'example.com' }],
      ['the notes of a move', { app_migration: { state: 'done' } }],
      ...badSettings,
    ],
    stageIntegrationClient: [
      ['no secret', { client_id: 'a' }],
      ['empty secret', { client_id: 'a', client_secret: ' ' }],
      ['client id with NUL', { client_id: NUL, client_secret: 'b' }],
      ['client id too long', { client_id: LONG, client_secret: 'b' }],
      ['scopes, which belong elsewhere', { client_id: 'a', client_secret: 'b', scopes: 'api' }],
    ],
    recordAppMigration: [
      ['no state', { outcome: 'survived' }],
      ['an unknown state', { state: 'begun' }],
      ['done without an outcome', { state: 'done' }],
      ['done before it was announced', { state: 'done', outcome: 'survived' }],
      ['an unknown outcome', { state: 'done', outcome: 'perhaps' }],
      ['an unknown connection', { state: 'announced', canary_connection_id: 'nobody' }],
      ['connection id with NUL', { state: 'announced', canary_connection_id: NUL }],
      ['connection id too long', { state: 'announced', canary_connection_id: LONG }],
    ],
    salesforceAppFiles: [
      ['no options', {}],
      ['no name', { options: {} }],
      ['an unknown preset', { preset: 'soft', options: app }],
      ['an unknown option', { options: { ...app, consumer_secret: 'x' } }],
      ['a name with NUL', { options: { ...app, label: NUL } }],
      ['a name of the API kind that Setup refuses', { options: { ...app, api_name: '1st' } }],
      ['a callback URL by http', { options: { ...app, callback_urls: ['http://example.com/callback'] } }],
      ['a private key', { options: { ...app, extras: { certificate: '-----BEGIN PRIVATE KEY-----' } } }],
      ['a packaged app in a sandbox', { org_kind: 'sandbox', options: { ...app, distribution: 'Packaged' } }],
      ['the partner preset without addresses', { preset: 'partner-mandate', options: app }],
      ['an API version with XML', { api_version: '66.0</version>', options: app }],
    ],
    updateEnvironment: [
      ['callback URL', { callback_url: 'nonsense' }],
      ['webhook URL of another scheme', { webhook_url: 'file:///etc/passwd' }],
      ['webhook URL a number', { webhook_url: 7 }],
      ['kinds of org a text', { refused_org_kinds: 'production' }],
      ['an unknown kind of org', { refused_org_kinds: ['moon base'] }],
      ['a kind of org twice', { refused_org_kinds: ['production', 'production'] }],
    ],
    createConnectionToken: [
      ['life of a minute less', { expires_in: 59 }],
      ['life of a day more', { expires_in: 86_401 }],
      ['life of part of a second', { expires_in: 60.5 }],
      ['empty name', { display_name: '' }],
      ['name with NUL', { display_name: NUL }],
      ['name too long', { display_name: LONG }],
      ['unknown method', { methods: ['TRACE'] }],
      ['method twice', { methods: ['GET', 'GET'] }],
      ['no path at all', { paths: [] }],
      ['path with dots', { paths: ['/a/../b'] }],
      ['path that is encoded', { paths: ['/a%2fb'] }],
    ],
    createSigningKey: [
      ['no key', { display_name: 'x' }],
      ['no name', { public_key: 'x' }],
      ['a key that is none', { display_name: 'x', public_key: 'x' }],
      ['a private key', { display_name: 'x', public_key: { kty: 'OKP', crv: 'Ed25519', x: 'a', d: 'b' } }],
      ['an end in the past', { display_name: 'x', public_key: 'x', expires_at: '2020-01-01T00:00:00Z' }],
    ],
    createApiKey: [
      ['no name', {}],
      ['empty name', { display_name: '' }],
      ['name with NUL', { display_name: NUL }],
      ['name too long', { display_name: LONG }],
      ['no scope at all', { display_name: 'x', scopes: [] }],
      ['unknown scope', { display_name: 'x', scopes: ['environment:everything'] }],
      ['scope of an account', { display_name: 'x', scopes: ['account:*'] }],
    ],
  }
}

const badSettings: [string, Record<string, unknown>][] = [
  ['install URL of another scheme', { install_url: 'javascript:alert(1)' }],
  ['install URL without TLS', { install_url: 'http://login.salesforce.com/packaging/installPackage.apexp' }],
  ['install URL with a user name', { install_url: 'https://login.salesforce.com@evil.example/' }],
  ['install URL too long', { install_url: `https://login.salesforce.com/${LONG.repeat(10)}` }],
  ['install URL with NUL', { install_url: `https://login.salesforce.com/${NUL}` }],
  ['what to do with a wrong org', { wrong_org_kind: 'ignore' }],
]

function metadataBodies(right: Record<string, unknown>): [string, unknown][] {
  return [
    ['metadata a list', { ...right, metadata: [] }],
    ['metadata null', { ...right, metadata: null }],
    ['metadata with NUL', { ...right, metadata: { a: NUL } }],
    ['metadata name with NUL', { ...right, metadata: { [NUL]: 1 } }],
    ['metadata with half a character', { ...right, metadata: { a: LONE_SURROGATE } }],
    ['metadata with NUL deep inside', { ...right, metadata: { a: [{ b: NUL }] } }],
    ['no ids', { ...right, connection_id: [] }],
    ['101 ids', { ...right, connection_id: many(101, (n) => `c${n}`) }],
    ['one unknown id', { ...right, connection_id: [right['connection_id'], 'nobody'] }],
    ['id too long', { ...right, connection_id: LONG }],
    ['id with NUL', { ...right, connection_id: NUL }],
    ['unknown integration', { ...right, provider_config_key: 'nowhere' }],
  ]
}

/** Query strings that a list or a connection's address must refuse; the address itself is right. */
export function badQueries(integration: string): Record<string, string[]> {
  const key = `provider_config_key=${integration}`
  const address = [
    '',
    'provider_config_key=',
    `provider_config_key=${LONG}`,
    'provider_config_key=a%00b',
    'provider_config_key=a/b',
    'provider_config_key=nowhere',
    `${key}&provider_config_key=${integration}`,
    'provider_config_key[a]=b',
    'provider_config_key[]=b',
  ]
  return {
    getConnection: [...address, `${key}&force_refresh=maybe`, `${key}&refresh_token=2`, `${key}&force_refresh[]=true`],
    updateConnection: address,
    deleteConnection: address,
    createConnectionToken: address,
    deleteTokensOfConnection: address,
    listConnectionTokens: ['limit=0', 'limit=201', 'made_by=me', 'before=x', 'connectionId=a%00b', 'integration=a/b'],
    deleteApiKey: ['cascade=perhaps', 'cascade[]=true'],
    listConnections: [
      'limit=0',
      'limit=2001',
      'limit=-1',
      'limit=1.5',
      'limit=ten',
      'limit=',
      'page=-1',
      'page=9999999999',
      'search=',
      'search=a%00b',
      `search=${LONG}`,
      'connectionId=a%00b',
      `connectionId=${LONG}`,
      'endUserId=a%00b',
      'endUserId[a]=b',
      'endUserOrganizationId=a%00b',
      'integrationId=a%00b',
      'tags=x',
      'tags[1st]=x',
      'tags[a]=',
      'tags[a]=a%00b',
      'tags[a][b]=x',
      'tags[__proto__]=x',
    ],
    listProviders: ['search=', `search=${LONG}`, 'search[]=a&search[]=b', 'search[$ne]=1'],
    getIntegration: ['include=everything', 'include[a]=webhook', `include=${LONG}`],
  }
}
