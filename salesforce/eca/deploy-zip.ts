import { strToU8, zipSync } from 'fflate'
import type { AppOptions } from './app-options.ts'
import { appComponents, packageXml } from './metadata-files.ts'
import type { AppFileSettings } from './metadata-files.ts'
import { DEFAULT_API_VERSION } from './metadata-types.ts'
import { xmlFile } from './xml-tree.ts'

export type DeployZipSettings = AppFileSettings & {
  /**
   * Folder within the zip. `unpackaged` unless given, for deployments with `singlePackage: false`; an empty text puts package.xml at the root, as `sf`
   * does it with `singlePackage: true`.
   */
  folder?: string | undefined
  /** Gives a new app the credentials of one that is gone, say after a sandbox refresh. The key must be free in all of Salesforce. */
  consumerKey?: string | undefined
  consumerSecret?: string | undefined
}

/** The first moment a zip can hold: files of the same content make the same bytes. Local time, as zips keep it without a zone. */
const FIXED_TIME = new Date(1980, 0, 1)

/** The app as the Metadata API takes it. With credentials in it the zip is a secret: send it, never store it. */
export function deployZip(options: AppOptions, settings: DeployZipSettings = {}): Uint8Array {
  const { consumerKey, consumerSecret, folder = 'unpackaged', apiVersion = DEFAULT_API_VERSION } = settings
  // ConnectedApp and ECA metadata: 8 to 256 letters and digits (V for the former); keys made by Salesforce also have . and _.
  if (consumerKey !== undefined && !/^[\w.]{8,256}$/.test(consumerKey))
    throw new Error('the consumer key is not 8 to 256 letters, digits, . or _')
  if (consumerSecret !== undefined && !/^[\w.+/=-]{8,512}$/.test(consumerSecret))
    throw new Error('the consumer secret has characters it cannot have')
  const credentials = [
    ...(consumerKey === undefined ? [] : [{ name: 'consumerKey', text: consumerKey }]),
    ...(consumerSecret === undefined ? [] : [{ name: 'consumerSecret', text: consumerSecret }]),
  ]
  const components = appComponents(options, settings)
  const prefix = folder === '' ? '' : `${folder}/`
  const entries: Record<string, Uint8Array> = { [`${prefix}package.xml`]: strToU8(packageXml(components, apiVersion)) }
  for (const { type, name, nodes } of components) {
    const all = type.kind === 'globalOauth' ? [...nodes, ...credentials] : nodes
    entries[`${prefix}${type.folder}/${name}.${type.suffix}`] = strToU8(xmlFile(type.type, all))
  }
  return zipSync(entries, { mtime: FIXED_TIME, level: 6 })
}
