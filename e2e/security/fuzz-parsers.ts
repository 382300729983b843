/** Whatever bytes come in: parsers end with a value or a Failure below 500, and nothing that comes out holds a secret or leads elsewhere. */
import fc from 'fast-check'
import { Failure } from '@hawser/api/errors.ts'
import { diagnosePastedText } from '@hawser/salesforce/errors/pasted/diagnose-pasted-text.ts'
import { normaliseLoginHost, parseInstanceUrl } from '@hawser/salesforce/hosts.ts'
import { checkFields } from '../../server/connect/check-fields.ts'
import { addressAllowed } from '../../server/egress/addresses.ts'
import { bearerOf } from '../../server/http/authenticate.ts'
import { readRetryAfter, readTokenResponse } from '../../server/oauth/token-response.ts'
import type { Provider } from '../../server/providers/schema.ts'
import { resolveText, resolveUrl } from '../../server/providers/templates.ts'
import { readApiKey, readGatewayBearer } from '../../server/proxy/bearer.ts'
import { readCallOptions } from '../../server/proxy/call-options.ts'
import { redirectOf } from '../../server/proxy/redirects.ts'
import { requestHeaders } from '../../server/proxy/request-headers.ts'
import { responseHeaders } from '../../server/proxy/response-headers.ts'
import { endpointOf, targetOf } from '../../server/proxy/target-url.ts'
import { salesforce } from '../../server/quirks/salesforce.ts'
import { redactText, redactUrl } from '../../server/telemetry/redact.ts'

const provider = (change: Partial<Provider> = {}): Provider =>
  ({ name: 'own', display_name: 'Own', auth_mode: 'OAUTH2', docs: 'https://docs.example.com', categories: [], ...change }) as Provider

/** Pieces on which parsers of URLs, headers, JSON and templates have gone wrong before. */
const PIECES = [
  ...[
    '/',
    '//',
    '\\',
    '..',
    '.',
    '@',
    '#',
    '?',
    '&',
    '=',
    ':',
    ';',
    '%',
    '%2f',
    '%2e',
    '%00',
    '%0d%0a',
    '%25',
    '+',
    ' ',
    '\t',
    '\r\n',
    '\0',
  ],
  ...[
    'http://',
    'https://',
    'HTTPS:',
    '//evil.example',
    '@evil.example',
    '127.0.0.1',
    '[::1]',
    'localhost',
    'evil.example',
    'my.salesforce.com',
  ],
  ...['${', '}', '${connectionConfig.x}', '||', '$', '__proto__', 'constructor', 'toString', 'null', 'undefined', 'NaN', '1e999', '-1'],
  ...[
    '{',
    '[',
    '"',
    "'",
    '<script>',
    '</script>',
    'Bearer ',
    'bearer ',
    'OAuth ',
    '!',
    '00Dxx0000000001!',
    'é',
    '１',
    '\ud800',
    '\u202e',
    '\u2028',
  ],
]
const nasty: fc.Arbitrary<string> = fc.oneof(
  fc
    .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 6 }), fc.string({ unit: 'binary', maxLength: 4 })), { maxLength: 8 })
    .map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.webUrl(),
)
/** As Node hands a header over: latin1, without line ends. */
// oxlint-disable-next-line no-control-regex -- what a header cannot hold
const headerValue = nasty.map((text) => text.replaceAll(/[\0-\x08\x0a-\x1f\x7f]|[^\0-\xff]/g, ''))
const token = fc.stringMatching(/^[A-Za-z0-9]{24,40}$/)

/** The value, or undefined for a Failure that is the caller's. Anything else is thrown on: it would have been a 500. */
function read<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (error instanceof Failure && error.status < 500) return undefined
    throw error
  }
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what)
}

const host = (url: string): string => new URL(url).host
const OWN = 'https://acme.my.salesforce.com'

const tokenAnswers = fc.property(
  fc.oneof(
    nasty,
    fc.json({ maxDepth: 6 }),
    fc
      .record({ access_token: fc.jsonValue(), refresh_token: fc.jsonValue(), expires_in: fc.jsonValue(), instance_url: nasty, id: nasty })
      .map((value) => JSON.stringify(value)),
  ),
  fc.integer({ min: 100, max: 599 }),
  fc.option(nasty, { nil: undefined }),
  (bodyText, status, path) => {
    const outcome = readTokenResponse({ status, bodyText, retryAfter: bodyText }, { nowMs: 0, accessTokenPath: path })
    if (!outcome.ok) return
    must(typeof outcome.tokens.access_token === 'string' && outcome.tokens.access_token !== '', 'a token that is none')
    for (const phase of ['connect', 'refresh'] as const) {
      const extras = salesforce.readTokenAnswer({
        provider: provider({ family: 'salesforce' }),
        raw: outcome.tokens.raw,
        phase,
        clientSecret: undefined,
      })
      const url = extras.ok ? extras.connectionConfig['instance_url'] : undefined
      if (typeof url === 'string')
        must(
          /\.(my\.salesforce\.(com|mil)|my-salesforce\.com|my\.sfcrmproducts\.cn|salesforce\.com)$/.test(host(url)),
          `instance_url ${url}`,
        )
    }
  },
)

const templates = fc.property(
  nasty,
  nasty,
  fc.constantFrom(
    'https://${connectionConfig.a}.desk.example/t',
    'https://desk.example/${connectionConfig.a}/x?y=${connectionConfig.b}',
    '${connectionConfig.a}/t',
  ),
  (a, b, template) => {
    const values = { connectionConfig: { a, b } }
    const outcome = resolveUrl(provider(), template, values)
    if (outcome.ok) {
      must(outcome.url.protocol === 'https:' && outcome.url.username === '' && outcome.url.port === '', `URL ${outcome.url.href}`)
      must(outcome.url.hostname === 'desk.example' || outcome.url.hostname.endsWith('.desk.example'), `host ${outcome.url.href}`)
    } else if (a.length > 12) must(!outcome.reason.includes(a), 'a reason that repeats the value')
    // oxlint-disable-next-line no-control-regex -- header injection
    must(!/[\0\r\n]/.test(resolveText('x ${connectionConfig.a} ${connectionConfig.b}', values) ?? ''), 'a text with line ends')
    resolveUrl(provider(), a, values)
  },
)

const paths = fc.property(nasty, fc.constantFrom('', '/proxy'), fc.constantFrom('', '/v2'), (text, prefix, base) => {
  const raw = `${prefix}/${text}`
  const target = read(() => targetOf({ origin: OWN, path: base }, endpointOf(raw, prefix)))
  if (target === undefined) return
  must(target.origin === OWN && target.path.startsWith('/') && !target.path.startsWith('//'), `target ${target.path}`)
  if (URL.canParse(target.origin + target.path)) must(new URL(target.origin + target.path).origin === OWN, `leads to ${target.path}`)
})

const redirects = fc.property(
  nasty,
  fc.constantFrom('GET', 'HEAD', 'POST'),
  fc.constantFrom(301, 302, 303, 307, 308),
  (location, method, status) => {
    const redirect = read(() => redirectOf(method, status, { location }, { origin: OWN, path: '/a' }))
    if (redirect !== undefined) must(JSON.stringify(redirect).length < 10_000, 'a redirect')
  },
)

const headers = fc.property(
  fc.dictionary(fc.stringMatching(/^[a-z0-9-]{1,30}$/), headerValue, { maxKeys: 8 }),
  headerValue,
  token,
  (given, connection, secret) => {
    const caller = { ...given, connection, authorization: `Bearer hws_dev_${secret}`, cookie: secret, 'x-sfdc-session': secret }
    for (const door of ['proxy', 'gateway'] as const) {
      const list = requestHeaders({ door, caller, applied: { authorization: 'Bearer theirs' }, identity: false })
      must(
        !list.some((text) => text.includes(secret) && !Object.values(given).some((value) => value.includes(secret))),
        'a caller’s secret goes on',
      )
      const names = list.filter((_text, index) => index % 2 === 0).map((name) => name.toLowerCase())
      for (const hop of ['connection', 'transfer-encoding', 'content-length', 'host', 'upgrade', 'expect', 'cookie'])
        must(!names.includes(hop), `${hop} goes on`)
      must(names.filter((name) => name === 'authorization').length === 1, 'authorization')
    }
    const back = read(() => responseHeaders({ ...given, connection, 'set-cookie': [secret], 'strict-transport-security': secret }))
    if (back) must(!back.includes(secret), 'a response header of the provider’s site')
    for (const parse of [readApiKey, bearerOf]) read(() => parse(given['authorization'] ?? connection))
    read(() => readGatewayBearer(connection, given['x-sfdc-session']))
    read(() =>
      readCallOptions({
        ...given,
        retries: connection,
        'base-url-override': connection,
        'provider-config-key': connection,
        'connection-id': connection,
      }),
    )
  },
)

const hosts = fc.property(nasty, (text) => {
  const instance = parseInstanceUrl(text)
  if (instance.ok)
    must(
      /^[a-z0-9.-]+\.(my\.salesforce\.(com|mil)|my-salesforce\.com|my\.sfcrmproducts\.cn|salesforce\.com|my\.site\.com)$/.test(
        instance.host,
      ) && host(instance.url) === instance.host,
      `instance ${text}`,
    )
  const login = normaliseLoginHost(text)
  if (login.ok) must(/^[a-z0-9.-]+$/.test(login.host), `login ${text}`)
  addressAllowed(text)
  readRetryAfter(text, 0)
})

const fields = fc.property(fc.dictionary(nasty, nasty, { maxKeys: 5 }), nasty, (params, hostname) => {
  const form = {
    subdomain: { title: 'S', pattern: '^[a-z0-9-]+$', example: 'acme' },
    hostname: { title: 'H', optional: true, example: 'acme' },
  }
  const own = provider({ family: 'salesforce', connection_config: form } as unknown as Partial<Provider>)
  const checked = checkFields(own, { params: { ...params, hostname, subdomain: hostname }, defaults: {} })
  if (checked.ok)
    for (const value of Object.values(checked.connectionConfig))
      must(typeof value === 'string' && /^[a-z0-9.-]*$/i.test(value), `field ${String(value)}`)
})

const redaction = fc.property(nasty, token, nasty, (before, secret, after) => {
  // A name ends at what separates parameters; what stands before it may make it another name.
  const url = `https://a.example/x?y=${encodeURIComponent(before.toWellFormed())}&access_token=${secret}&z=${encodeURIComponent(after.toWellFormed())}`
  must(!redactUrl(url).includes(secret), 'a secret in a URL')
  must(!redactText(`${before} Bearer ${secret} ${after}`).includes(secret), 'a bearer in a text')
  must(!redactText(`${before} 00Dxx0000000001!${secret} ${after}`).includes(secret), 'a session in a text')
  redactUrl(before)
})

const pasted = fc.property(fc.oneof(nasty, fc.json()), (text) => void diagnosePastedText(text))

const PROPERTIES = { tokenAnswers, templates, paths, redirects, headers, hosts, fields, redaction, pasted } as Record<
  string,
  fc.IProperty<unknown>
>
export const parsers: readonly string[] = Object.keys(PROPERTIES)

export function fuzzParser(name: string, runs: number): void {
  fc.assert(PROPERTIES[name]!, { numRuns: runs })
}
