/** Requests to begin with, by provider. */
export interface RequestDraft {
  method: string
  /** At the provider, with its query string. */
  path: string
  /** One `Name: value` a line. */
  headers: string
  body: string
}

export interface RequestExample extends RequestDraft {
  label: string
}

const JSON_HEADER = 'Content-Type: application/json'
/** The oldest that all orgs still answer for years; newer orgs tell theirs. */
const USUAL_VERSION = '62.0'

/** Salesforce's REST API; Source: REST API Developer Guide (V). `version`: newest of the org. */
export function salesforceExamples(version = USUAL_VERSION): RequestExample[] {
  const data = `/services/data/v${version}`
  const get = (label: string, path: string): RequestExample => ({ label, method: 'GET', path, headers: '', body: '' })
  return [
    get('Query accounts', `${data}/query?q=${encodeURIComponent('SELECT Id, Name FROM Account LIMIT 5')}`),
    get('Describe the Account object', `${data}/sobjects/Account/describe`),
    get('Limits of the org', `${data}/limits`),
    get('Who is signed in', '/services/oauth2/userinfo'),
    {
      label: 'Create an account',
      method: 'POST',
      path: `${data}/sobjects/Account`,
      headers: JSON_HEADER,
      body: '{\n  "Name": "Made with Hawser"\n}',
    },
  ]
}

export const PLAIN_EXAMPLE: RequestExample = { label: 'An empty request', method: 'GET', path: '/', headers: '', body: '' }

/** Throws with a sentence about the first line that is no header. */
export function headersFrom(text: string): [string, string][] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => {
      const at = line.indexOf(':')
      const name = line.slice(0, at).trim()
      if (at < 1 || !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) throw new Error(`“${line}” is not a header. Write Name: value`)
      return [name, line.slice(at + 1).trim()]
    })
}

/** What is wrong with the path; undefined: nothing. It must stay below `/proxy/`, or the token would go to another endpoint of this server. */
export function pathProblem(path: string): string | undefined {
  if (!path.startsWith('/')) return 'The path begins with a slash.'
  const target = new URL(`http://host/proxy${path}`)
  return target.pathname.startsWith('/proxy/') ? undefined : 'The path leads out of the provider’s API.'
}
