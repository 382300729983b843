/**
 * Salesforce's libraries as black boxes. Their names are variables, so that the type-check needs neither their files nor their types: what is used
 * of them is written down here.
 */
const SDR: string = '@salesforce/source-deploy-retrieve'
const JSFORCE: string = 'jsforce'

export interface ComponentSet {
  /** How many components were recognized. */
  size: number
  apiVersion: string
  sourceApiVersion: string
  getSourceComponents(): { toArray(): { fullName: string; type: { name: string }; xml?: string }[] }
}

export interface SourceDeployRetrieve {
  ComponentSet: { fromSource(folder: string): ComponentSet }
  MetadataConverter: new () => {
    convert(components: ComponentSet, target: 'metadata', output: { type: 'zip' }): Promise<{ zipBuffer?: Buffer }>
  }
  RegistryAccess: new () => { getTypeBySuffix(suffix: string): { name: string; directoryName: string } | undefined }
}

export async function sourceDeployRetrieve(): Promise<SourceDeployRetrieve> {
  const library = (await import(SDR)) as { default?: SourceDeployRetrieve } & SourceDeployRetrieve
  return library.ComponentSet === undefined ? library.default! : library
}

export interface SalesforceConnection {
  query<T>(soql: string): PromiseLike<{ totalSize: number; records: T[] }>
  identity(): Promise<{ username: string; organization_id: string }>
}

export async function jsforceConnection(options: { instanceUrl: string; accessToken: string }): Promise<SalesforceConnection> {
  type Library = { Connection: new (options: object) => SalesforceConnection }
  const library = (await import(JSFORCE)) as Partial<Library> & { default?: Library }
  const Connection = library.Connection ?? library.default!.Connection
  return new Connection({ ...options, version: '66.0' })
}
