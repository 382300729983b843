/** Where tokens, codes and client secrets of a provider may be sent. Asked before every such request, whatever the URL was made from. */
import { experienceCloudHostAllowed, tokenHostAllowed as salesforceHostAllowed } from '@hawser/salesforce/hosts.ts'
import type { Family } from './form-field.ts'
import type { Provider } from './schema.ts'

const EXPERIENCE_SUFFIX = '.my.site.com'

const familyLists: Record<Family, (host: string, fixedSuffix: string | undefined) => boolean> = {
  // Site hosts also carry pages that customers write; only an entry whose own template ends there may use them.
  salesforce: (host, fixedSuffix) =>
    salesforceHostAllowed(host) || (fixedSuffix?.endsWith(EXPERIENCE_SUFFIX) === true && experienceCloudHostAllowed(host)),
}

/**
 * `fixedSuffix`: the part of the host that the entry's own template fixes (the whole host, or from a dot on), undefined if the whole host comes
 * from a value. Plain http passes only for exact entries of `allowed_hosts`.
 */
export function mayReceiveTokens(provider: Provider, url: URL, fixedSuffix: string | undefined): boolean {
  if (url.username !== '' || url.password !== '') return false
  if (provider.allowed_hosts?.includes(url.host) === true) return url.protocol === 'https:' || url.protocol === 'http:'
  if (url.protocol !== 'https:' || url.port !== '') return false
  if (provider.family !== undefined) return familyLists[provider.family](url.hostname, fixedSuffix)
  return fixedSuffix !== undefined
}

/** The same for an address that stands by itself, such as an `instance_url`: nothing of it is fixed by a template. */
export function tokenHostAllowed(provider: Provider, address: string): boolean {
  return (
    /^https?:\/\/[a-z0-9.-]+(:\d{1,5})?\/?$/.test(address) &&
    URL.canParse(address) &&
    mayReceiveTokens(provider, new URL(address), undefined)
  )
}
