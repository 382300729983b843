/** The metadata types that make up an External Client App. Source: metadata registry of @salesforce/source-deploy-retrieve (V). */
export type FileKind = 'app' | 'globalOauth' | 'oauth' | 'oauthPolicies' | 'policies' | 'oauthSecurity'

export type MetadataType = {
  kind: FileKind
  type: string
  folder: string
  suffix: string
  /** Setup gives the files of an app these names; other names work, but Setup would not (V-obs). */
  nameEnding: string
  /** Without it a deployment fails or the app has other settings than these files say. */
  needed: boolean
}

export const metadataTypes: readonly MetadataType[] = [
  { kind: 'app', type: 'ExternalClientApplication', folder: 'externalClientApps', suffix: 'eca', nameEnding: '', needed: true },
  {
    kind: 'globalOauth',
    type: 'ExtlClntAppGlobalOauthSettings',
    folder: 'extlClntAppGlobalOauthSets',
    suffix: 'ecaGlblOauth',
    nameEnding: '_glbloauth',
    needed: true,
  },
  {
    kind: 'oauth',
    type: 'ExtlClntAppOauthSettings',
    folder: 'extlClntAppOauthSettings',
    suffix: 'ecaOauth',
    nameEnding: '_oauth',
    needed: true,
  },
  {
    kind: 'oauthPolicies',
    type: 'ExtlClntAppOauthConfigurablePolicies',
    folder: 'extlClntAppOauthPolicies',
    suffix: 'ecaOauthPlcy',
    nameEnding: '_oauthPlcy',
    needed: false,
  },
  {
    kind: 'policies',
    type: 'ExtlClntAppConfigurablePolicies',
    folder: 'extlClntAppPolicies',
    suffix: 'ecaPlcy',
    nameEnding: '_plcy',
    needed: false,
  },
  {
    kind: 'oauthSecurity',
    type: 'ExtlClntAppOauthSecuritySettings',
    folder: 'extlClntAppOauthSecuritySettings',
    suffix: 'ecaOauthSecurity',
    // Not created by Setup with the others; the ending is ours, in the manner of the others (?).
    nameEnding: '_oauthSecurity',
    needed: false,
  },
]

export function metadataTypeOf(kind: FileKind): MetadataType {
  const found = metadataTypes.find((type) => type.kind === kind)
  if (!found) throw new Error(`no metadata type for ${kind}`)
  return found
}

/** Spring '26. Every element that the presets write exists there. */
export const DEFAULT_API_VERSION = '66.0'
