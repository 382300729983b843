import type { ErrorRow } from './error-row.ts'

const NOT_FOR_USERS = 'The Salesforce app is still being set up. Please try again later.'

const common = { where: 'deploy', class: 'config', endUserText: NOT_FOR_USERS, confidence: 'V-obs' } as const

/** What a deploy of an external client app (`sf project deploy start`, deploy results of the Metadata API) can answer. */
export const deployErrors: readonly ErrorRow[] = [
  {
    ...common,
    id: 'deploy-duplicate',
    match: [
      { errorCode: 'DUPLICATE_VALUE' },
      { description: 'duplicate value found' },
      { description: 'The consumer key is already taken' },
    ],
    title: 'The consumer key or the name is already in use',
    cause:
      'Consumer keys are unique across all orgs of Salesforce, names within the org. The file supplies a key that another app has, or an app of this name exists.',
    fix: [
      'Take consumerKey and consumerSecret out of the global OAuth file, so that Salesforce makes new ones.',
      'If the key must stay (after a sandbox refresh): delete the app that has it first.',
      'If the name is taken: give the app another one, or deploy to the existing app.',
    ],
    tells: ['The consumer key is already taken'],
    source: 'ORG; the sentence: devops-center-feedback#256',
  },
  {
    ...common,
    id: 'deploy-consumer-key-refused',
    match: [{ description: 'You cannot provide a Consumer Key' }],
    title: 'The org does not let this deploy choose the consumer key',
    cause: 'A consumer key can be supplied only when an app is created. The app exists already, or the org refuses chosen keys.',
    fix: ['Take consumerKey and consumerSecret out of the file and deploy again.', 'Then read the key from the app’s page in Setup.'],
    tells: ['You cannot provide a Consumer Key'],
    source: 'CumulusCI#2943, trailheadapps/ready-to-fly#29',
  },
  {
    ...common,
    id: 'deploy-reference-wrong',
    match: [{ errorCode: 'INVALID_CROSS_REFERENCE_KEY' }],
    title: 'One of the files names an app that is not there',
    cause:
      'The element externalClientApplication of a file does not hold the API name of the external client app, or the app itself is not part of the deploy.',
    fix: [
      'Compare externalClientApplication in every file with the name of the .eca file, letter for letter.',
      'Deploy all files of the app together.',
      'Remove oauthLink and orgScopedExternalApp: they point into the org from which the files were retrieved.',
    ],
    source: 'ORG',
  },
  {
    ...common,
    id: 'deploy-permission-missing',
    match: [
      { errorCode: 'INSUFFICIENT_ACCESS' },
      { errorCode: 'INSUFFICIENT_ACCESS_OR_READONLY' },
      { description: 'insufficient access rights' },
      { description: 'You do not have sufficient rights' },
      { description: 'use of the Metadata API requires a user with' },
    ],
    tells: ['use of the Metadata API requires a user with'],
    class: 'customer_admin',
    title: 'The user who deploys lacks a permission',
    cause:
      'Deploying an external client app needs "Create, Edit, and Delete External Client Apps", and "Modify Metadata Through Metadata API Functions" or "Customize Application".',
    fix: [
      'Ask the administrator to give these permissions to the user who deploys.',
      'If the app was migrated or installed from a package: its settings can be changed only where it came from.',
    ],
    source: 'ORG; the second permission is common knowledge',
  },
  {
    ...common,
    id: 'deploy-settings-missing',
    match: [{ description: "doesn't have a valid OAuth settings configuration" }],
    title: 'The OAuth settings of the app are missing in the deploy',
    cause:
      'The global OAuth file (.ecaGlblOauth) was deployed without its sibling (.ecaOauth), or they name different apps. Salesforce takes the app, its global OAuth settings and its OAuth settings only together.',
    fix: ['Deploy all files of the app in one go.', 'See that externalClientApplication is the same in all of them.'],
    tells: ["doesn't have a valid OAuth settings configuration"],
    source: 'ORG',
  },
  {
    ...common,
    id: 'deploy-scope-unknown',
    match: [{ description: "There's a problem with your scope(s)" }],
    title: 'A scope in the file is not a name that the Metadata API knows',
    cause: 'commaSeparatedOauthScopes takes names of its own, such as "Api, RefreshToken", not the names of OAuth ("api refresh_token").',
    fix: ['Write the scopes as the message lists them, such as Api, RefreshToken, OpenID.', 'Separate them by commas.'],
    tells: ["There's a problem with your scope(s)"],
    source: 'ORG',
  },
  {
    ...common,
    id: 'deploy-value-not-allowed',
    match: [{ description: 'is not a valid value for the enum' }],
    title: 'A file has a value that the field does not take',
    cause:
      'Values are case-sensitive, and some templates on the web have wrong ones: "Packageable" (it is Local or Packaged), "infinite" (Infinite), "ENFORCE" (Enforce).',
    fix: ['Compare the field with the values that the message lists.', 'Generate the files afresh in place of editing a template.'],
    source: 'ORG',
  },
  {
    ...common,
    id: 'deploy-field-not-allowed',
    match: [{ description: 'invalid at this location in type' }],
    title: 'A file has a field that this type or API version does not have',
    cause:
      'The field belongs to another of the app’s files (callbackUrl and certificate belong to the global OAuth file), or is newer than the API version of the deploy.',
    fix: ['Move the field to the file it belongs to.', 'Raise sourceApiVersion in sfdx-project.json, or the version in package.xml.'],
    tells: [{ text: 'invalid at this location in type', near: ['extlclntapp', 'externalclientapp', 'connectedapp'] }],
    source: 'ORG',
  },
  {
    ...common,
    id: 'deploy-type-unknown',
    match: [{ description: 'Unknown type name' }, { description: 'Missing metadata type definition in registry' }],
    title: 'The org or the CLI does not know this kind of metadata',
    cause: 'External client apps need API version 59.0 or later (their policies 60.0), and a Salesforce CLI that is not older than that.',
    fix: [
      'Raise the version in package.xml or sfdx-project.json to one that the org has.',
      'Update the CLI with "sf update".',
      'If the org still refuses: external client apps are not switched on in it; ask its administrator.',
    ],
    confidence: 'M',
    source: 'common knowledge; the second text: source-deploy-retrieve 12',
  },
  {
    ...common,
    id: 'deploy-file-name-wrong',
    match: [{ description: 'Could not infer a metadata type' }],
    class: 'bug',
    title: 'A file has a name that is no metadata type',
    cause: 'The CLI goes by folder and suffix. External client apps use .eca, .ecaGlblOauth, .ecaOauth, .ecaOauthPlcy, .ecaPlcy.',
    fix: ['Rename the file, for example to Acme_Sync.eca-meta.xml.', 'Or generate the project afresh.'],
    tells: ['Could not infer a metadata type'],
    confidence: 'V',
    source: '@salesforce/source-deploy-retrieve; tried offline',
  },
  {
    ...common,
    id: 'deploy-feature-off',
    match: [{ description: 'feature is not enabled' }, { description: 'not currently enabled' }],
    class: 'customer_admin',
    title: 'A feature that the app needs is switched off in the org',
    cause:
      'The files use something that the org has not enabled, such as external client apps themselves or "Allow Authorization Code and Credentials Flows". Which one, the message does not always say.',
    fix: [
      'Read the component that the deploy names.',
      'Leave isCodeCredFlowEnabled at false: the sign-in does not need it.',
      'Else ask the administrator to enable the feature in Setup.',
    ],
    confidence: '?',
    source: 'ORG (the phrase; its use in deploys is inferred)',
  },
  {
    ...common,
    id: 'connected-app-creation-blocked',
    match: [{ description: "You can't create a connected app" }],
    title: 'New connected apps can no longer be created',
    cause: 'Since Spring ’26 Salesforce blocks new connected apps, in Setup and by the Metadata API. Those that exist keep working.',
    fix: [
      'Create an external client app instead: generate its files and deploy them, or make it in Setup under "External Client App Manager".',
      'Only where a connected app is really needed: ask Salesforce Support, or install it from a package.',
    ],
    tells: ["You can't create a connected app", "Can't create connected app"],
    source: 'HELP 005228017; the sentence: seen in several orgs',
  },
  {
    ...common,
    id: 'cli-org-not-authorized',
    match: [
      { description: 'No authorization information found for' },
      { description: 'No default environment found' },
      { description: 'No target org found' },
    ],
    class: 'user',
    actor: 'developer',
    title: 'The Salesforce CLI is not logged in to this org',
    cause: 'The name after --target-org is not one that "sf org login" has stored on this machine, or no default org is set.',
    fix: [
      'Log in: "sf org login web --alias uat --instance-url https://acme--uat.sandbox.my.salesforce.com".',
      'Name the org: --target-org uat. "sf org list" shows what is stored.',
    ],
    tells: [
      'No default environment found. Use -o or --target-org',
      { text: 'No authorization information found for', near: ['sf ', 'error (', 'sfdx', 'salesforce', 'noauthinfo', 'namedorg'] },
    ],
    confidence: 'V',
    source: 'CORE',
  },
]
