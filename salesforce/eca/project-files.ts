import type { OrgKind } from '../org.ts'
import type { AppOptions } from './app-options.ts'

const TEST_LOGIN_KINDS: readonly OrgKind[] = ['sandbox', 'scratch', 'unknown']

export function projectJson(version: string, orgKind: OrgKind = 'sandbox'): string {
  const project = {
    packageDirectories: [{ path: 'force-app', default: true }],
    namespace: '',
    sfdcLoginUrl: TEST_LOGIN_KINDS.includes(orgKind) ? 'https://test.salesforce.com' : 'https://login.salesforce.com',
    sourceApiVersion: version,
  }
  return `${JSON.stringify(project, null, 2)}\n`
}

export const gitignore = `# A retrieve writes the app's consumer key into these files, and a template may hold its secret.
extlClntAppGlobalOauthSets/
*.ecaGlblOauth
*.ecaGlblOauth-meta.xml

# Retrieved and converted copies hold the same files.
*.zip
mdapi/
unpackaged/
metadataPackage_*/

# The CLI's own state: orgs and their tokens.
.sf/
.sfdx/
.env
`

/** What the app was made from. It holds no credentials, so it can be kept where the global OAuth settings cannot. */
export const OPTIONS_FILE = 'hawser-app.json'

export function optionsFile(options: AppOptions): string {
  return `${JSON.stringify(options, null, 2)}\n`
}

/** How to deploy, for the person who does it; no value of the options but names that are checked to be plain. */
export function readme({ apiName, distribution, flows, tokenIpRanges }: AppOptions): string {
  const headless = flows.codeAndCredentials === true ? HEADLESS : ''
  const ranges = tokenIpRanges ? IP_RANGES : ''
  return `# ${apiName}

The External Client App that lets Hawser connect to a Salesforce org, as metadata.

## Deploy it

You need the [Salesforce CLI](https://developer.salesforce.com/tools/salesforcecli) and a user who may create External Client Apps and deploy metadata.

\`\`\`sh
sf org login web --alias my-org --instance-url https://your-domain.my.salesforce.com
sf project deploy start --source-dir force-app --target-org my-org --dry-run
sf project deploy start --source-dir force-app --target-org my-org
\`\`\`

Deploy all files together: single ones are refused. What you change in Setup is set back by the next deployment, also where these files say nothing.
${headless}${ranges}
## Get its key and secret

1. In Setup, open **External Client App Manager**, then **${apiName}**.
2. **Settings**, **OAuth Settings**, **Consumer Key and Secret**. Salesforce asks you to confirm who you are.
3. Put both into Hawser. Nowhere else: not into these files, not into a chat.

The app answers 2 to 10 minutes after it was made, sometimes only after 30. Until then Salesforce says \`invalid_client_id\`.

## Good to know

- The app is ${distribution === 'Local' ? 'local: it works in the org it is deployed to and nowhere else. Deploy it again in every other org' : 'meant for a managed package'}.
- Refreshing a sandbox deletes the app. Deploy these files again afterwards, and put the new key and secret into Hawser.
- \`extlClntAppGlobalOauthSets\` is left out of version control, because a retrieve writes the consumer key into it. Where it is missing,
  \`npm run hawser -- salesforce app deploy\` writes it again from \`${OPTIONS_FILE}\`, which holds no key.
`
}

const HEADLESS = `
The Authorization Code and Credentials Flow is on. It works only where **OAuth and OpenID Connect Settings** in Setup allow it. If the deployment fails over
\`isCodeCredFlowEnabled\`, take that line out: connections do not need it.
`

const IP_RANGES = `
Only the listed addresses can connect and refresh. Before Hawser's server gets another address, add it here and deploy.
`
