export interface Back {
  redirectUri: string
  state: string | null
}

/** The callback with these parameters; values are percent-encoded with `%20`, as Salesforce does. */
export function callbackUrl(back: Back, fields: Record<string, string>): string {
  const all = back.state === null ? fields : { ...fields, state: back.state }
  const query = Object.entries(all).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `${back.redirectUri}${back.redirectUri.includes('?') ? '&' : '?'}${query.join('&')}`
}
