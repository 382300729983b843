import { zipSync } from 'fflate'
import type { FakeSalesforce } from '../fake-salesforce.ts'
import { data, type Answer } from '../testing/browser.ts'

const NAMESPACE = 'http://soap.sforce.com/2006/04/metadata'

export function metadataXml(type: string, elements: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${type} xmlns="${NAMESPACE}">\n${elements}\n</${type}>\n`
}

const TYPE_OF_SUFFIX: Record<string, string> = {
  eca: 'ExternalClientApplication',
  ecaGlblOauth: 'ExtlClntAppGlobalOauthSettings',
  ecaOauth: 'ExtlClntAppOauthSettings',
  ecaOauthPlcy: 'ExtlClntAppOauthConfigurablePolicies',
  ecaPlcy: 'ExtlClntAppConfigurablePolicies',
  ecaOauthSecurity: 'ExtlClntAppOauthSecuritySettings',
  connectedApp: 'ConnectedApp',
  settings: 'Settings',
}

/** A manifest of the files by their suffixes. */
export function manifestOf(paths: string[], version = '66.0'): string {
  const types = paths.map((path) => {
    const file = path.split('/').at(-1) ?? ''
    const suffix = file.split('.').at(-1) ?? ''
    return `<types><members>${file.slice(0, -suffix.length - 1)}</members><name>${TYPE_OF_SUFFIX[suffix] ?? suffix}</name></types>`
  })
  return metadataXml('Package', `${types.join('\n')}<version>${version}</version>`)
}

/** How each of the files names its app. */
export const OWN = '<externalClientApplication>Acme_Sync</externalClientApplication>'

export const HEADER = 'externalClientApps/Acme_Sync.eca'
export const GLOBAL = 'extlClntAppGlobalOauthSets/Acme_Sync_glbloauth.ecaGlblOauth'
export const OAUTH = 'extlClntAppOauthSettings/Acme_Sync_oauth.ecaOauth'
export const OAUTH_POLICY = 'extlClntAppOauthPolicies/Acme_Sync_oauthPlcy.ecaOauthPlcy'
export const POLICY = 'extlClntAppPolicies/Acme_Sync_plcy.ecaPlcy'
export const SECURITY = 'extlClntAppOauthSecuritySettings/Acme_Sync_security.ecaOauthSecurity'

/** The app of the guide, as Setup would make it. */
export function acmeSync(): Record<string, string> {
  return {
    [HEADER]: metadataXml(
      'ExternalClientApplication',
      '<contactEmail>integrations@example.com</contactEmail><description>Acme Sync integration</description><distributionState>Local</distributionState><isProtected>false</isProtected><label>Acme Sync</label>',
    ),
    [GLOBAL]: metadataXml(
      'ExtlClntAppGlobalOauthSettings',
      `<callbackUrl>https://api.example.com/oauth/callback\nhttp://localhost:3003/oauth/callback</callbackUrl>${OWN}<isClientCredentialsFlowEnabled>false</isClientCredentialsFlowEnabled><isCodeCredFlowEnabled>true</isCodeCredFlowEnabled><isConsumerSecretOptional>false</isConsumerSecretOptional><isDeviceFlowEnabled>false</isDeviceFlowEnabled><isPkceRequired>true</isPkceRequired><isSecretRequiredForRefreshToken>true</isSecretRequiredForRefreshToken><label>Acme_Sync_glbloauth</label>`,
    ),
    [OAUTH]: metadataXml(
      'ExtlClntAppOauthSettings',
      `<commaSeparatedOauthScopes>Api, RefreshToken</commaSeparatedOauthScopes>${OWN}<label>Acme_Sync_oauth</label>`,
    ),
    [OAUTH_POLICY]: metadataXml(
      'ExtlClntAppOauthConfigurablePolicies',
      `${OWN}<ipRelaxationPolicyType>Enforce</ipRelaxationPolicyType><label>Acme_Sync_oauthPlcy</label><permittedUsersPolicyType>AllSelfAuthorized</permittedUsersPolicyType><refreshTokenPolicyType>Infinite</refreshTokenPolicyType><requiredSessionLevel>STANDARD</requiredSessionLevel>`,
    ),
    [POLICY]: metadataXml(
      'ExtlClntAppConfigurablePolicies',
      `${OWN}<isEnabled>true</isEnabled><isOauthPluginEnabled>true</isOauthPluginEnabled><label>Acme_Sync_plcy</label><startPage>None</startPage>`,
    ),
  }
}

/** A deploy zip of these files, with a manifest unless they bring one. */
export function deployZip(files: Record<string, string | Uint8Array>, root = ''): Buffer {
  const paths = Object.keys(files).filter((path) => path.includes('/'))
  const all: Record<string, string | Uint8Array> = { 'package.xml': manifestOf(paths), ...files }
  const entries = Object.entries(all).map(([path, content]): [string, Uint8Array] => [
    `${root}${path}`,
    typeof content === 'string' ? Buffer.from(content) : content,
  ])
  return Buffer.from(zipSync(Object.fromEntries(entries)))
}

/** The body that jsforce and the sf CLI send: the zip first, then the options. */
export function deployBody(zip: Buffer, options: Record<string, unknown> = {}): { body: Buffer; headers: Record<string, string> } {
  const boundary = '--------------------------042911360921'
  const deployOptions = { rollbackOnError: true, ignoreWarnings: false, checkOnly: false, singlePackage: true, ...options }
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="package.xml"\r\nContent-Type: application/zip\r\n\r\n`
  const middle = `\r\n--${boundary}\r\nContent-Disposition: form-data; name="entity_content"\r\nContent-Type: application/json\r\n\r\n`
  const tail = `\r\n--${boundary}--\r\n`
  return {
    body: Buffer.concat([Buffer.from(head), zip, Buffer.from(middle + JSON.stringify({ deployOptions }) + tail)]),
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
  }
}

/** Deploys and polls once; the answer to the poll. */
export async function deployed(
  fake: FakeSalesforce,
  tokens: Record<string, string>,
  files: Record<string, string | Uint8Array>,
  options: Record<string, unknown> = {},
): Promise<Answer> {
  const accepted = await data(fake, tokens, '/metadata/deployRequest', deployBody(deployZip(files), options))
  if (accepted.status !== 201) return accepted
  return data(fake, tokens, `/metadata/deployRequest/${accepted.json.id}?includeDetails=true`)
}

/** The texts of the failures, by component. */
export function problemsOf(answer: Answer): string[] {
  const failures = answer.json.deployResult.details.componentFailures as { fullName: string; problem: string }[]
  return failures.map(({ fullName, problem }) => `${fullName}: ${problem}`)
}

/** The files with one text in one of them replaced. */
export function changed(path: string, from: string | RegExp, to: string): Record<string, string> {
  const files = acmeSync()
  const text = files[path]?.replace(from, to)
  if (text === undefined || text === files[path]) throw new Error('the fixture lacks what is to be changed')
  return { ...files, [path]: text }
}
