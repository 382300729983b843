/** Checks an entry's templates once, when it is loaded, so that a mistake shows at the start and not at somebody's sign-in. */
import type { Provider } from './schema.ts'
import { isSecretField } from './secret-config.ts'
import { parseTemplate, placeholdersOf } from './template-parts.ts'
import { resolveUrl } from './templates.ts'

export interface TemplateProblem {
  path: string
  reason: string
}

/** Only of modes that are acted on: templates of others may use parts of the language that nothing here reads yet. */
export function templateProblems(provider: Provider): TemplateProblem[] {
  if (provider.auth_mode !== 'OAUTH2' && provider.auth_mode !== 'NONE') return []
  const problems: TemplateProblem[] = []
  for (const [path, template] of urlTemplates(provider)) {
    const reason = reasonAgainst(provider, template) ?? shownSecret(provider, path, template)
    if (reason !== undefined) problems.push({ path, reason })
  }
  for (const [name, template] of Object.entries(provider.authorization_params ?? {})) {
    const reason = shownSecret(provider, `authorization_params.${name}`, template)
    if (reason !== undefined) problems.push({ path: `authorization_params.${name}`, reason })
  }
  if (provider.auth_mode === 'OAUTH2') {
    for (const key of ['authorization_url', 'token_url'] as const)
      if (provider[key] === undefined) problems.push({ path: key, reason: 'OAUTH2 needs it' })
  }
  return problems
}

/** What a browser is sent to, what waits in a job, and what is kept in memory as a warm address must not hold a secret field. */
const SHOWN = ['authorization_url', 'revocation_url', 'proxy.base_url', 'authorization_params']

function shownSecret(provider: Provider, path: string, template: string): string | undefined {
  if (!SHOWN.includes(path.split('.', path.startsWith('proxy') ? 2 : 1).join('.'))) return undefined
  const secret = placeholdersOf(parseTemplate(template)).find((name) => isSecretField(provider, name.replace(/^connectionConfig\./, '')))
  return secret === undefined
    ? undefined
    : `\${${secret}} is a secret field, which may stand in proxy.headers, proxy.query and the token request only`
}

function urlTemplates(provider: Provider): [string, string][] {
  const { authorization_url, token_url, refresh_url, revocation_url, proxy } = provider
  const named: [string, unknown][] = [
    ['authorization_url', authorization_url],
    ['token_url', typeof token_url === 'object' ? token_url.OAUTH2 : token_url],
    ['refresh_url', refresh_url],
    ['revocation_url', revocation_url],
    ['proxy.base_url', proxy?.base_url],
  ]
  return named.filter((pair): pair is [string, string] => typeof pair[1] === 'string')
}

function reasonAgainst(provider: Provider, template: string): string | undefined {
  const alternatives = parseTemplate(template)
  if (alternatives.length > 4) return 'At most four alternatives'
  const foreign = placeholdersOf(alternatives).find((name) => !/^connectionConfig\.[A-Za-z0-9_.-]+$/.test(name))
  if (foreign !== undefined) return `Only \${connectionConfig.…} can stand in a URL, not \${${foreign}}`
  for (const [index, parts] of alternatives.entries()) {
    if (parts.some((part) => 'literal' in part && part.literal.includes('${'))) return 'A placeholder is not closed'
    const fixed = parts.every((part) => 'literal' in part)
    const [first] = parts
    if (first !== undefined && 'literal' in first && !/^https?:\/\/[^/?#@]*/.test(first.literal))
      return 'The template must begin with https://'
    if (fixed) {
      const resolved = resolveUrl(provider, template.split(' || ')[index] ?? '', {})
      if (!resolved.ok) return `${resolved.reason} (https and the usual port, or an exact host in allowed_hosts)`
    }
  }
  return undefined
}
