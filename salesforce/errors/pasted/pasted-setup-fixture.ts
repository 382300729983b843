import type { PastedExample } from './pasted-example-for-tests.ts'

const deployTable = (problem: string, type = 'Acme_Sync_glbloauth') =>
  `Deploy Errors\n┌───────┬─────────────────────┬──────────┬─────────────┐\n│ Type  │ Name                │ Problem  │ Line:Column │\n├───────┼──────┤\n│ Error │ ${type} │ ${problem} │ 2:80 │\n└───────┘\nStatus: Failed`

export const setupExamples: readonly PastedExample[] = [
  [
    'deploy-duplicate',
    'developer',
    'deploy_result',
    deployTable('DUPLICATE_VALUE: duplicate value found: <unknown> duplicates value on record with id: 888'),
  ],
  [
    'deploy-duplicate',
    'developer',
    'deploy_result',
    'Acme_Sync of Type ConnectedApp failed to deploy due to The consumer key is already taken.',
  ],
  [
    'deploy-consumer-key-refused',
    'developer',
    'deploy_result',
    '=== Component Failures [1]\nError  connectedApps/Acme.connectedApp  Acme  You cannot provide a Consumer Key',
  ],
  [
    'deploy-reference-wrong',
    'developer',
    'deploy_result',
    '{"status":1,"result":{"details":{"componentFailures":[{"problemType":"Error","problem":"INVALID_CROSS_REFERENCE_KEY: invalid cross reference id","componentType":"ExtlClntAppOauthSettings","fullName":"Acme_Sync_oauth"}]}}}',
  ],
  [
    'deploy-permission-missing',
    'customer_admin',
    'deploy_result',
    deployTable('INSUFFICIENT_ACCESS_OR_READONLY: insufficient access rights on object id'),
  ],
  [
    'deploy-settings-missing',
    'developer',
    'deploy_result',
    deployTable("The external client app configured in your global OAuth Settings doesn't have a valid OAuth settings configuration."),
  ],
  [
    'deploy-scope-unknown',
    'developer',
    'deploy_result',
    deployTable("There's a problem with your scope(s): ChatterApi", 'Acme_Sync_oauth'),
  ],
  [
    'deploy-value-not-allowed',
    'developer',
    'deploy_result',
    deployTable("'Packageable' is not a valid value for the enum 'ExtlClntAppDistState'", 'Acme_Sync'),
  ],
  [
    'deploy-field-not-allowed',
    'developer',
    'deploy_result',
    deployTable(
      'Error parsing file: Element {http://soap.sforce.com/2006/04/metadata}callbackUrl invalid at this location in type ExtlClntAppOauthSettings',
    ),
  ],
  [
    'deploy-type-unknown',
    'developer',
    'deploy_result',
    "Deploy failed.\npackage.xml: Unknown type name 'ExternalClientApplication' specified in package.xml",
  ],
  [
    'deploy-file-name-wrong',
    'developer',
    'deploy_result',
    'Error (TypeInferenceError): force-app/main/default/externalClientApps/Acme.externalClientApplication-meta.xml: Could not infer a metadata type',
  ],
  ['deploy-feature-off', 'customer_admin', 'deploy_result', deployTable('The feature is not enabled in this organization')],
  [
    'connected-app-creation-blocked',
    'developer',
    'deploy_result',
    "You can't create a connected app. To enable connected app creation, contact Salesforce Customer Support.",
  ],
  ['cli-org-not-authorized', 'developer', 'deploy_result', 'Error (NamedOrgNotFoundError): No authorization information found for uat.'],
  [
    'cli-org-not-authorized',
    'developer',
    'deploy_result',
    'Error (NoDefaultEnvError): No default environment found. Use -o or --target-org to specify an environment.',
  ],
  [
    'migrate-button-missing',
    'customer_admin',
    'page_text',
    'We followed the guide but the Migrate to External Client App button is missing',
  ],
  ['connected-app-read-only', 'customer_admin', 'page_text', 'Why can I change nothing? The connected app is read-only.'],
  ['connected-app-is-back', 'customer_admin', 'page_text', 'We deleted the new app, and now the connected app is active again.'],
]
