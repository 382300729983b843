/**
 * The practice org of `npm start`: a fake Salesforce sandbox with a provider and an integration of its own, so that the first connection needs
 * no Salesforce account. It exists with `--dev` alone, and Salesforce's host list never learns of it.
 */
import type { FastifyInstance } from 'fastify'
import { startFakeSalesforce } from '@hawser/fake-salesforce/start.ts'
import type { CatalogueSources } from '#providers/catalogue.ts'

const PROVIDER = 'salesforce-practice'
export const PRACTICE_INTEGRATION = 'salesforce-practice'
/** Who connects by the link of the banner; the command line finds the connection by this id. */
export const PRACTICE_USER = 'practice'
const LINK = '/practice'
/** Known to everybody and good for nothing: the org listens on loopback and holds invented rows. */
const CLIENT = { consumerKey: '3MVG9PracticeOrgOfThisMachine', consumerSecret: 'practice-org-secret-of-this-machine' }

export interface PracticeOrg {
  url: string
  controlUrl: string
  /** The one private address that the server may call for it. */
  hostPort: { host: string; port: number }
  providers: NonNullable<CatalogueSources['inMemory']>
  close(): Promise<void>
}

export interface PracticeOrgOptions {
  port: number
  /** The server's redirect URI. */
  callbackUrl: string
  /** Keeps the org over restarts. */
  stateFile: string
  onWarning: (line: string) => void
}

/** Throws if the port is taken. */
export async function startPracticeOrg(options: PracticeOrgOptions): Promise<PracticeOrg> {
  const { port, callbackUrl, stateFile, onWarning } = options
  const fake = await startFakeSalesforce({
    seed: 'practice',
    port,
    callbackUrls: [callbackUrl],
    practice: { ...CLIENT, stateFile, onWarning },
  })
  const url = fake.url('org:practice')
  const { hostname, port: bound } = new URL(url)
  return {
    url,
    controlUrl: fake.controlUrl,
    hostPort: { host: hostname, port: Number(bound) },
    providers: { [PROVIDER]: practiceProvider(url, `${hostname}:${bound}`) },
    close: fake.close,
  }
}

/** The catalogue entry, as that of a sandbox, with this run's address in place of Salesforce's. */
function practiceProvider(url: string, host: string): Record<string, unknown> {
  return {
    display_name: 'Practice org (not Salesforce)',
    categories: ['crm'],
    auth_mode: 'OAUTH2',
    family: 'salesforce',
    allowed_hosts: [host],
    authorization_url: `${url}/services/oauth2/authorize`,
    token_url: `${url}/services/oauth2/token`,
    revocation_url: `${url}/services/oauth2/revoke`,
    default_scopes: ['api', 'refresh_token', 'id'],
    token_response_metadata: ['instance_url'],
    proxy: { base_url: '${connectionConfig.instance_url}' },
    docs: 'https://localhost/practice',
    connection_config: {
      instance_url: { type: 'string', title: 'Instance URL', description: 'Comes from the practice org by itself.', automated: true },
    },
  }
}

/**
 * Makes the integration of the dev environment, and a link that opens a fresh connect session each time (a session lasts only 30 minutes).
 * Goes through the API itself, with the dev key.
 */
export async function offerPractice(app: FastifyInstance, devKey: string, publicUrl: string): Promise<string> {
  const api = (method: 'GET' | 'POST', url: string, payload?: object) =>
    app.inject({ method, url, headers: { authorization: `Bearer ${devKey}` }, ...(payload ? { payload } : {}) })
  const existing = await api('GET', `/integrations/${PRACTICE_INTEGRATION}`)
  if (existing.statusCode === 404) {
    const made = await api('POST', '/integrations', {
      provider: PROVIDER,
      unique_key: PRACTICE_INTEGRATION,
      credentials: { type: 'OAUTH2', client_id: CLIENT.consumerKey, client_secret: CLIENT.consumerSecret, scopes: 'api,refresh_token,id' },
    })
    if (made.statusCode !== 200) throw new Error(`the practice integration could not be made: ${made.body}`)
  }
  return `${publicUrl}${LINK}`
}

/** `GET /practice` → a new connect session, for the practice user's one connection. Registered before the server listens. */
export function registerPracticeLink(app: FastifyInstance, devKey: () => string): void {
  app.get(LINK, async (_request, reply) => {
    const headers = { authorization: `Bearer ${devKey()}` }
    const query = { endUserId: PRACTICE_USER, integrationId: PRACTICE_INTEGRATION, limit: '1' }
    const listed = await app.inject({ method: 'GET', url: '/connections', headers, query })
    const connection = listed.json<{ connections?: { connection_id: string }[] }>().connections?.[0]
    // Opened again, as one does after breaking the org, it renews the connection: with a second one "practice" would name neither.
    const answer = await app.inject({
      method: 'POST',
      url: connection ? '/connect/sessions/reconnect' : '/connect/sessions',
      headers,
      payload: connection
        ? { connection_id: connection.connection_id, integration_id: PRACTICE_INTEGRATION }
        : { end_user: { id: PRACTICE_USER, display_name: 'Practice' }, allowed_integrations: [PRACTICE_INTEGRATION] },
    })
    if (answer.statusCode !== 201) return reply.code(answer.statusCode).type('application/json').send(answer.body)
    return reply.redirect(answer.json<{ data: { connect_link: string } }>().data.connect_link)
  })
}
