/** The same call in code, with the reader's addresses and key filled in. */

const SALESFORCE_PATH = `/services/data/v62.0/query?q=${encodeURIComponent('SELECT Id, Name FROM Account LIMIT 5')}`
const KEY_MISSING = 'hws_…'

export function firstPath(isSalesforce: boolean): string {
  return isSalesforce ? SALESFORCE_PATH : '/'
}

export interface SampleFacts {
  host: string
  /** Empty: none was given. */
  apiKey: string
  integration: string
  connection: string
  path: string
}

const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`
const script = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`

export function curlSample({ host, apiKey, integration, connection, path }: SampleFacts): string {
  return [
    `curl ${shell(`${host}/proxy${path}`)}`,
    `  -H ${shell(`Authorization: Bearer ${apiKey || KEY_MISSING}`)}`,
    `  -H ${shell(`Provider-Config-Key: ${integration}`)}`,
    `  -H ${shell(`Connection-Id: ${connection}`)}`,
  ].join(' \\\n')
}

export function nodeSample({ host, apiKey, integration, connection, path }: SampleFacts): string {
  return `import { Hawser } from '@hawser/node'

// Keep the key in the environment: HAWSER_API_KEY
const hawser = new Hawser({ host: ${script(host)}, apiKey: ${script(apiKey || KEY_MISSING)} })

const { data } = await hawser.get({
  integration: ${script(integration)},
  connection: ${script(connection)},
  path: ${script(path)},
})
console.log(data)`
}

/** The page never holds the API key: its server makes the session. */
export function browserSample({ host, apiKey, integration }: SampleFacts): string {
  return `// On your server, for the user who is signed in there:
import { Hawser } from '@hawser/node'

const server = new Hawser({ host: ${script(host)}, apiKey: ${script(apiKey || KEY_MISSING)} })
const { token } = await server.createConnectSession({
  end_user: { id: user.id, email: user.email },
  allowed_integrations: [${script(integration)}],
})

// In your page, when the user clicks "Connect":
import { Hawser } from '@hawser/browser'

const hawser = new Hawser({ host: ${script(host)}, connectSessionToken: token })
const { connectionId } = await hawser.connect(${script(integration)})`
}
