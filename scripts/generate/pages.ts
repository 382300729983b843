/** The tables of the manual. */
import { errors, type ErrorCode } from '@hawser/api/errors.ts'
import type { Route } from '@hawser/api/route.ts'
import { proxyHeaders } from '@hawser/api/proxy.ts'
import { commonCodes, keyCodes, sessionCodes, type Contract } from './contract.ts'
import { schemaOf } from './json-schema.ts'
import { tagOf } from './operation.ts'
import { proxyCodes } from './openapi-doors.ts'

const HEAD = '<!-- Printed by `npm run generate`; do not edit. -->'

export interface SettingRow {
  env: string
  flag?: string
  default?: string
  secret?: true
  text: string
}

export function errorsPage(): string {
  const rows = Object.entries(errors).map(([code, [status, text]]) => [`\`${code}\``, String(status), text])
  return page(
    'Errors',
    'Every failure is answered as `{"error":{"code","message"}}`, where it helps with `errors` (each broken field), `diagnosis` (cause and fix) and the header `Retry-After`. Switch over `code`: it does not change; `message` may.',
    table(['code', 'status', 'what it means, and what to do'], rows),
  )
}

const GROUPS: Record<string, string> = {
  connect: 'Connect sessions',
  connections: 'Connections',
  integrations: 'Integrations',
  providers: 'Providers',
  doctor: 'Doctor',
  environment: 'Environment and API keys',
}

export function endpointsPage(contract: Contract): string {
  const groups = Object.groupBy(contract.endpoints, ({ route }) => GROUPS[tagOf(route.path)] ?? 'Health')
  const sections = Object.entries(groups).flatMap(([title, endpoints = []]) => [
    `## ${title}`,
    table(
      ['endpoint', 'what it does', 'who may call', 'codes of its own', 'SDK'],
      endpoints.map(({ route }) => [
        `\`${route.method} ${route.path}\``,
        route.summary,
        callers(route),
        codes(route.errors ?? []),
        `\`${route.name}\``,
      ]),
    ),
  ])
  return page(
    'API',
    'JSON over HTTP; the whole contract as OpenAPI 3.1 is served at `/openapi.json`. Send `Authorization: Bearer <API key>`. A path’s last part marked `*` may hold slashes. [Errors](errors.md) says what each code means.',
    ...sections,
    '## Proxy',
    'Any method on `/proxy/<path at the provider>`, with an API key that has the scope `environment:proxy`. Body and answer are streamed as they are. Steered by headers:',
    table(['header', 'needed', 'value'], headerRows()),
    `Codes: ${codes(proxyCodes.filter((code) => !keyCodes.includes(code) && !commonCodes.includes(code)))}.`,
    '## Codes that every endpoint may answer',
    table(
      ['where', 'codes'],
      [
        ['everywhere', codes(commonCodes)],
        ['with an API key', codes(['forbidden', ...keyCodes])],
        ['with a session token', codes(sessionCodes)],
        [
          'where the path, the query or a body is read',
          codes(['invalid_uri_params', 'invalid_query_params', 'invalid_body', 'invalid_json', 'invalid_content_type', 'body_too_large']),
        ],
      ],
    ),
  )
}

export function settingsPage(rows: readonly SettingRow[]): string {
  return page(
    'Configuration',
    'Settings come from the environment or from flags of `hawser start`; flags win. All mistakes are reported together at the start, a mistyped name among them. Durations are written like `40s`, `15m`, `24h`.',
    table(
      ['setting', 'flag', 'default', 'what it is'],
      rows.map(({ env, flag, default: value, secret, text }) => [
        `\`${env}\``,
        flag ? `\`${flag}\`` : '',
        value ? `\`${value}\`` : '',
        secret ? `${text} Never logged.` : text,
      ]),
    ),
  )
}

function headerRows(): string[][] {
  const { properties = {}, required = [] } = schemaOf(proxyHeaders, 'input', new Map())
  const meanings: Record<string, string> = {
    'provider-config-key': 'The integration.',
    'connection-id': 'The connection.',
    retries: 'How often to try again, 0 to 10; only idempotent methods and calls that were not sent.',
    'retry-on': 'Statuses to try again on, for any method: `429,503`.',
    'retry-deadline': 'Seconds for the whole call with its retries, 1 to 600; 60 unless given.',
    'base-url-override': 'Another host, if the integration allows it.',
    decompress: 'Accepted for existing clients; changes nothing.',
    'forward-headers-on-redirect': '`true` or `false`.',
    'nango-activity-log-id': 'Accepted for existing clients; changes nothing.',
    'nango-is-sync': 'Accepted for existing clients; changes nothing.',
    'nango-is-dry-run': 'Accepted for existing clients; changes nothing.',
  }
  const rows = Object.keys(properties).map((name) => {
    const meaning = meanings[name]
    if (!meaning) throw new Error(`scripts/generate/pages.ts: say what the proxy header ${name} means`)
    return [`\`${name}\``, required.includes(name) ? 'yes' : '', meaning]
  })
  return [...rows, ['`nango-proxy-<name>`', '', 'Reaches the provider as `<name>`.']]
}

function callers({ access }: Route): string {
  if (access.open) return 'anyone'
  const scopes = access.key ?? []
  return [
    ...(access.key ? [scopes.length > 0 ? scopes.map((scope) => `\`${scope}\``).join(' or ') : 'any API key'] : []),
    ...(access.session ? ['a connect session'] : []),
  ].join('; ')
}

function codes(list: readonly ErrorCode[]): string {
  return list.map((code) => `\`${code}\``).join(', ')
}

function page(title: string, ...parts: string[]): string {
  return `${[HEAD, `# ${title}`, ...parts].join('\n\n')}\n`
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
