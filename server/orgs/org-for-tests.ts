/** A host that answers as an org does, on this machine; what a test does not set is told rightly. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEgress, type Egress } from '#egress/dispatcher.ts'
import type { Provider } from '#providers/provider.ts'

export const ORG_ID = '00Dxx0000001gPLEAY'
export const ORG_ROW = {
  ...{ Id: ORG_ID, Name: 'Acme', InstanceName: 'CS42', IsSandbox: true, TrialExpirationDate: null as string | null },
  ...{ NamespacePrefix: null as string | null, OrganizationType: 'Enterprise Edition' },
}

export type Answer = (request: IncomingMessage, response: ServerResponse) => void

export interface OrgForTests {
  egress: Egress
  provider: Provider
  origin: string
  /** By the beginning of the path; the longest wins. */
  answers: Record<string, Answer>
  seen: { method: string; path: string; authorization: string | undefined; body: string }[]
  close(): Promise<void>
}

export const json =
  (value: unknown, status = 200, headers: Record<string, string> = {}): Answer =>
  (_request, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))

export async function startOrg(): Promise<OrgForTests> {
  const answers: Record<string, Answer> = {}
  const seen: OrgForTests['seen'] = []
  const server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      seen.push({ method, path, authorization: headers.authorization, body })
      const name = Object.keys(answers)
        .filter((prefix) => path.startsWith(prefix))
        .sort((a, b) => b.length - a.length)[0]
      if (name === undefined) response.writeHead(404).end()
      else answers[name]!(request, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const egress = createEgress({ trustedHosts: [{ host: 'localhost', port }] })
  const provider = { name: 'salesforce-practice', family: 'salesforce', auth_mode: 'OAUTH2', allowed_hosts: [`localhost:${port}`] }
  return {
    egress,
    provider: provider as unknown as Provider,
    origin: `http://localhost:${port}`,
    answers,
    seen,
    async close() {
      await egress.close(0)
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

export function answerAll(answers: Record<string, Answer>): void {
  Object.assign(answers, {
    '/.well-known/auth-configuration': json({ OrgId: ORG_ID.slice(0, 15), LoginPage: null }),
    '/services/data/v': json({ totalSize: 1, done: true, records: [ORG_ROW] }, 200, { 'sforce-limit-info': 'api-usage=18/15000' }),
    '/services/data': json([
      { label: "Winter '26", url: '/services/data/v65.0', version: '65.0' },
      { label: "Spring '26", url: '/services/data/v66.0', version: '66.0' },
      { label: 'odd', version: 7 },
    ]),
    '/services/oauth2/userinfo': json({ user_id: '005xx000001SwiUAAS', organization_id: ORG_ID, preferred_username: 'ann@acme.example' }),
    '/services/oauth2/introspect': json({ active: true, iat: 1_600_000_000, exp: 1_600_007_200 }),
  })
}
