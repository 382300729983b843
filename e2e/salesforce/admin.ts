/** The administrator of a customer's org: signs in with the CLI's own app, and reads the credentials of an app. */
import { createHash, randomBytes } from 'node:crypto'

const CALLBACK = 'http://localhost:1717/OauthRedirect'
const DEADLINE_MS = 10_000

/** An access token of the app `PlatformCLI`, which every org has; consent is given at once. */
export async function adminToken(instanceUrl: string): Promise<string> {
  const verifier = randomBytes(32).toString('base64url')
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: 'PlatformCLI',
    redirect_uri: CALLBACK,
    state: 'st',
    prompt: 'login',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  })
  const asked = await fetch(`${instanceUrl}/services/oauth2/authorize?${query}`, {
    redirect: 'manual',
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  const location = asked.headers.get('location') ?? ''
  const code = location.startsWith(CALLBACK) ? new URL(location).searchParams.get('code') : null
  if (code === null) throw new Error(`the admin got no code: ${asked.status} ${location} ${(await asked.text()).slice(0, 300)}`)
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: 'PlatformCLI',
    code,
    redirect_uri: CALLBACK,
    code_verifier: verifier,
  })
  const answer = await fetch(`${instanceUrl}/services/oauth2/token`, {
    method: 'POST',
    body: form,
    signal: AbortSignal.timeout(DEADLINE_MS),
  })
  const body = (await answer.json()) as { access_token?: string }
  if (body.access_token === undefined) throw new Error(`the admin got no token: ${JSON.stringify(body)}`)
  return body.access_token
}

export interface Credentials {
  clientId: string
  clientSecret: string
}

/** By the REST API for credentials, which the org must allow. */
export async function readCredentials(instanceUrl: string, accessToken: string, app: string): Promise<Credentials> {
  const base = `${instanceUrl}/services/data/v66.0/apps/oauth`
  const read = async <T>(url: string): Promise<T> => {
    const answer = await fetch(url, { headers: { authorization: `Bearer ${accessToken}` }, signal: AbortSignal.timeout(DEADLINE_MS) })
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
    return (await answer.json()) as T
  }
  const { apps } = await read<{ apps: { developerName: string; identifier: string }[] }>(`${base}/usage`)
  const identifier = apps.find((one) => one.developerName === app)?.identifier
  if (identifier === undefined) throw new Error(`the org has no app ${app}`)
  const { consumers } = await read<{ consumers: { id: string }[] }>(`${base}/credentials/${identifier}`)
  const { key, secret } = await read<{ key: string; secret: string }>(
    `${base}/credentials/${identifier}/${consumers[0]?.id}?part=keyandsecret`,
  )
  return { clientId: key, clientSecret: secret }
}
