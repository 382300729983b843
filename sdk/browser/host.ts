import { HawserError } from './hawser-error.ts'

/** `host` without final slashes, query and fragment. Throws `invalid_host_url`. */
export function hostFrom(host: string): string {
  if (/^https?:\/\/./.test(host) && URL.canParse(host)) {
    const { origin, pathname } = new URL(host)
    return origin + pathname.replace(/\/+$/, '')
  }
  throw new HawserError('invalid_host_url', `host must be an address like https://connect.example.com, not ${host}`)
}
