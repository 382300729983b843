/** Object reference, ExternalClientApplication.DeveloperName (V): "must be 40 characters or fewer". */
export const LONGEST_API_NAME = 40

/** What the platform would refuse about an API name, as a sentence; `undefined` when it is fine. Rules: object reference as above, V. */
export function apiNameFault(apiName: string): string | undefined {
  if (apiName === '') return 'The API name is empty.'
  if (/\s/.test(apiName)) return 'The API name has a space in it.'
  if (!/^\w+$/.test(apiName)) return 'The API name may have only letters (a to z), digits and underscores.'
  if (!/^[a-z]/i.test(apiName)) return 'The API name has to begin with a letter.'
  if (apiName.endsWith('_')) return 'The API name may not end with an underscore.'
  if (apiName.includes('__')) return 'The API name may not have two underscores in a row: Salesforce keeps them for namespaces.'
  if (apiName.length > LONGEST_API_NAME) return `The API name is ${apiName.length} characters long; Salesforce takes ${LONGEST_API_NAME}.`
  return undefined
}

/**
 * The API name that Setup fills in when the name is typed: everything but letters and digits becomes an underscore (M). Where Setup would put a
 * name that it then refuses (`2nd App`, only Chinese characters), this one is mended; the answer always passes `apiNameFault`.
 */
export function apiNameFromLabel(label: string): string {
  const plain = label
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^a-z0-9]+/gi, '_')
    .replace(/^_+|_+$/g, '')
  const started = /^[a-z]/i.test(plain) ? plain : plain === '' ? 'App' : `X${plain}`
  return started.slice(0, LONGEST_API_NAME).replace(/_+$/, '')
}
