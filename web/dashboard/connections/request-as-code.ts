/** The same request for a shell and for a program, with the reader's addresses filled in. */
import type { ConnectionAddress } from './connection-query.ts'
import { headersFrom, type RequestDraft } from './request-examples.ts'

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

export function asCurl(draft: RequestDraft, address: ConnectionAddress, host: string): string {
  const headers = [
    'Authorization: Bearer $HAWSER_API_KEY',
    `Provider-Config-Key: ${address.integration}`,
    `Connection-Id: ${address.connection}`,
  ].map((line, index) => (index === 0 ? `"${line}"` : quoted(line)))
  const lines = [
    `curl -X ${draft.method} ${quoted(`${host}/proxy${draft.path}`)}`,
    ...headers.map((line) => `-H ${line}`),
    ...headersFrom(draft.headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    ...(hasBody(draft) ? [`--data-raw ${quoted(draft.body)}`] : []),
  ]
  return lines.join(' \\\n  ')
}

export function asNode(draft: RequestDraft, address: ConnectionAddress, host: string): string {
  const headers = headersFrom(draft.headers)
  const fields = [
    `method: ${literal(draft.method)},`,
    `integration: ${literal(address.integration)},`,
    `connection: ${literal(address.connection)},`,
    `path: ${literal(draft.path)},`,
    ...(headers.length > 0 ? [`headers: ${JSON.stringify(Object.fromEntries(headers))},`] : []),
    ...(hasBody(draft) ? [`body: ${literal(draft.body)},`] : []),
  ]
  return [
    `import { Hawser } from '@hawser/node'`,
    '',
    `const hawser = new Hawser({ host: ${literal(host)}, apiKey: process.env.HAWSER_API_KEY })`,
    'const { status, data } = await hawser.proxy({',
    ...fields.map((field) => `  ${field}`),
    '})',
    'console.log(status, data)',
  ].join('\n')
}

export const hasBody = ({ method, body }: RequestDraft): boolean => body !== '' && method !== 'GET' && method !== 'HEAD'

const literal = (text: string) => `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`
