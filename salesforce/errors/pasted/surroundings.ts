import { classifyHost } from '../../hosts.ts'

/** What a text shows of where it comes from, apart from the error itself. */
export type Surroundings = {
  /** The first host of an org, or a login host, that is named. */
  salesforceHost?: string
  /** An address or a path that only Salesforce has. */
  isSalesforce: boolean
  /** Another provider is named; then codes that all providers share say nothing of Salesforce. */
  isForeign: boolean
  /** Addresses of other hosts stand in it, too: which of them answered, the text does not show. */
  hasOtherHosts: boolean
}

const HOSTS = /(?<![\w.-])(?:[a-z0-9-]{1,63}\.){1,5}(?:com|mil|cn)(?![\w-]|\.[a-z])/gi
const OWN_PATHS = /\/services\/(?:oauth2\/|data\/(?:v\d|\b)|apexrest\/|soap\/|async\/)|\/setup\/secur\/RemoteAccess/i
const MOST_HOSTS = 50

/** Other providers' sign-in and API hosts, and marks in their errors. */
const FOREIGN =
  /\bError 40\d: [a-z]|accounts\.google\.com|googleapis\.com|google\.com\/o\/oauth2|login\.microsoftonline|login\.live\.com|\bAADSTS\d|graph\.microsoft|github\.com\/(?:login|settings)|api\.github|hubspot|hubapi|slack\.com|\bokta|auth0\.com|keycloak|facebook\.com|linkedin\.com|atlassian|intuit\.com|zendesk|shopify|xero\.com|dropbox|zoho|zoom\.us|stripe\.com|dynamics\.com|pipedrive|gitlab|notion\.so|discord|spotify|amazoncognito|onelogin|pingidentity|veeva|"responseStatus"|\b(?:google|microsoft|azure|entra|github|quickbooks|netsuite|workday|servicenow|bigquery|gmail|outlook 365)\b/i

export function surroundingsOf(text: string): Surroundings {
  const isForeign = FOREIGN.test(text)
  const salesforceHost = [...text.matchAll(HOSTS)]
    .slice(0, MOST_HOSTS)
    .map(([host]) => host.toLowerCase())
    .find(isSalesforceHost)
  const isSalesforce = !isForeign && (salesforceHost !== undefined || OWN_PATHS.test(text))
  return { ...(salesforceHost === undefined ? {} : { salesforceHost }), isSalesforce, isForeign, hasOtherHosts: hasOtherHosts(text) }
}

function isSalesforceHost(host: string): boolean {
  return classifyHost(host).kind !== 'foreign'
}

function hasOtherHosts(text: string): boolean {
  const addresses = [...text.matchAll(/https?:\/\/(?:[^/@\s"'<>]{0,100}@)?([\w.-]{1,253})([^\s"'<>]{0,300})/gi)].slice(0, MOST_HOSTS)
  return addresses.some(
    ([, host = '', rest = '']) => !/salesforce/i.test(host) && !isSalesforceHost(host.toLowerCase()) && !OWN_PATHS.test(rest),
  )
}
