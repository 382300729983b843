import type { OptionFinding } from './app-options.ts'

/** HELP configure_external_client_app_oauth_settings (V): "a limit of 2000 characters, cumulatively". */
export const LONGEST_CALLBACK_URLS = 2000

const LOOPBACK_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]']
const DANGEROUS_SCHEMES: readonly string[] = ['javascript:', 'data:', 'vbscript:', 'file:', 'blob:', 'about:', 'ftp:', 'ws:', 'wss:']

export function callbackUrlFindings(urls: readonly string[]): OptionFinding[] {
  if (urls.length === 0) {
    return [refusal('There is no callback URL.', 'Give the callback URL that Hawser shows for the integration; Setup asks for one too.')]
  }
  const findings = urls.flatMap((url) => callbackUrlFinding(url) ?? [])
  if (urls.join('\n').length > LONGEST_CALLBACK_URLS) {
    findings.push(refusal(`The callback URLs are longer than ${LONGEST_CALLBACK_URLS} characters together.`, 'Split them over two apps.'))
  }
  return findings
}

// HELP as above (V): "the URL must use secure HTTPS or a custom URI scheme"; exact match at run time. http for localhost: sf CLI's own app (V).
function callbackUrlFinding(url: string): OptionFinding | undefined {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed || /[\s<>"{}|\\^`]/.test(url))
    return refusal('A callback URL is not a complete URL.', 'Copy it with https:// and without spaces.')
  if (url.includes('#'))
    return refusal('A callback URL has a fragment (#).', 'Take # and what follows out: browsers do not send it (RFC 6749 §3.1.2).')
  if (url.includes('*')) return refusal('A callback URL has a wildcard (*).', 'Write every URL out: Salesforce compares them exactly.')
  if (parsed.username !== '' || parsed.password !== '')
    return refusal('A callback URL has a user name in it.', 'Take the part before @ out.')
  if (parsed.protocol === 'https:') return undefined
  if (parsed.protocol === 'http:') {
    if (LOOPBACK_HOSTS.includes(parsed.hostname)) {
      return parsed.hostname === 'localhost'
        ? undefined
        : warning('Salesforce is known to take http for localhost only.', 'Write localhost.', 'M')
    }
    return refusal('A callback URL uses http.', 'Use https; http is for localhost alone.')
  }
  if (DANGEROUS_SCHEMES.includes(parsed.protocol)) return refusal('A callback URL uses a scheme that no app answers.', 'Use https.')
  return warning('A callback URL uses a scheme of its own, as mobile apps do.', 'Hawser itself needs an https callback.', 'M')
}

function refusal(reason: string, fix: string): OptionFinding {
  return { field: 'callbackUrls', reason, fix, confidence: 'V' }
}

function warning(reason: string, fix: string, confidence: 'M' | '?'): OptionFinding {
  return { field: 'callbackUrls', reason, fix, confidence }
}
