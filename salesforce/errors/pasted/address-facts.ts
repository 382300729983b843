import { classifyHost } from '../../hosts.ts'
import { formDecoded } from './spellings.ts'

/** What an address shows besides its error; hosts, kinds and yes or no, never a value that could be a secret or a person. */
export type Evidence = Record<string, string | number | boolean>

/** The address around `at` in the text: from the last `https://` before it to the next white space or quote. */
export function addressAround(text: string, at: number): string | undefined {
  const start = Math.max(text.lastIndexOf('https://', at), text.lastIndexOf('http://', at))
  if (start < 0 || at - start > 4000) return undefined
  const end = text.slice(start).search(/[\s"'<>]/)
  const address = end < 0 ? text.slice(start) : text.slice(start, start + end)
  // White space between: the error stands beside the address, not in it.
  return start + address.length >= at ? address : undefined
}

export function hostOf(address: string): string | undefined {
  return /^https?:\/\/(?:[^/@\s]{0,200}@)?([a-z0-9.-]{1,253})/i.exec(address)?.[1]?.toLowerCase()
}

export function factsOf(address: string): Evidence {
  const host = hostOf(address)
  const client = parameter(address, 'client_id')
  const callback = parameter(address, 'redirect_uri')
  const sent = /^(https?:\/\/[\w.:-]{1,253}(?:\/[\w./-]{0,120})?)/i.exec(callback ?? '')?.[1]
  const kind = host === undefined ? 'foreign' : classifyHost(host).kind
  return {
    ...(host === undefined ? {} : { host, ...(kind === 'foreign' ? {} : { host_kind: kind }) }),
    ...(client === undefined ? {} : { client_id_sent: true }),
    ...(client !== undefined && client !== client.trim() ? { client_id_has_space: true } : {}),
    ...(client !== undefined && !client.trim().startsWith('3MVG9') ? { client_id_form_unusual: true } : {}),
    ...(sent === undefined ? {} : { callback_sent: sent }),
    ...(/\/services\/oauth2\/authorize\b/i.test(address)
      ? { code_challenge_sent: parameter(address, 'code_challenge') !== undefined }
      : {}),
  }
}

function parameter(address: string, name: string): string | undefined {
  const value = new RegExp(`[?&]${name}=([^&#\\s]{1,1000})`, 'i').exec(address)?.[1]
  return value === undefined ? undefined : formDecoded(value)
}
