/** AWS KMS on this machine, as far as Encrypt and Decrypt go: the JSON protocol, authenticated contexts, and trouble on demand. */
import { createHash } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { CannotOpen, newDataKey, open, seal } from './envelope.ts'

export interface FakeKms {
  url: string
  /** Names of the operations that were asked for. */
  asked: string[]
  /** The next calls fail like this, one each; `hang` does not answer at all. */
  fail(...errors: (string | 'hang')[]): void
  /** Every call fails like this until null. */
  down(error: string | null): void
  close(): Promise<void>
}

interface Request {
  KeyId: string
  Plaintext?: string
  CiphertextBlob?: string
  EncryptionContext?: Record<string, string>
}

export async function startFakeKms(): Promise<FakeKms> {
  const keys = new Map<string, Buffer>()
  const asked: string[] = []
  const failing: string[] = []
  let down: string | null = null
  const keyOf = (arn: string) => keys.get(arn) ?? keys.set(arn, newDataKey()).get(arn)!
  const markOf = (arn: string) => createHash('sha256').update(arn).digest().subarray(0, 4)

  const answer = (operation: string, body: Request): [number, object] => {
    const error = failing.shift() ?? down
    if (error) return [error === 'KMSInternalException' ? 500 : 400, { __type: error, message: `not now: ${JSON.stringify(body)}` }]
    const aad = JSON.stringify(body.EncryptionContext)
    if (operation === 'Encrypt') {
      const sealed = Buffer.concat([markOf(body.KeyId), seal(keyOf(body.KeyId), aad, Buffer.from(body.Plaintext!, 'base64'))])
      return [200, { CiphertextBlob: sealed.toString('base64'), KeyId: body.KeyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' }]
    }
    const blob = Buffer.from(body.CiphertextBlob!, 'base64')
    if (!blob.subarray(0, 4).equals(markOf(body.KeyId))) return [400, { __type: 'IncorrectKeyException' }]
    try {
      return [200, { Plaintext: open(keyOf(body.KeyId), aad, blob.subarray(4)).toString('base64'), KeyId: body.KeyId }]
    } catch (caught) {
      if (!(caught instanceof CannotOpen)) throw caught
      return [400, { __type: 'InvalidCiphertextException' }]
    }
  }

  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk))
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).replace('TrentService.', '')
      asked.push(operation)
      if (failing[0] === 'hang') return void failing.shift()
      const [status, body] = answer(operation, JSON.parse(text) as Request)
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(body))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    fail: (...errors) => void failing.push(...errors),
    down: (error) => (down = error),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const ACCOUNT = 'arn:aws:kms:eu-central-1:123456789012:key'
export const KMS_KEY = `${ACCOUNT}/11111111-2222-4333-8444-555555555555`
export const OTHER_KMS_KEY = `${ACCOUNT}/99999999-2222-4333-8444-555555555555`
export const KMS_CREDENTIALS = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI-not-a-real-one' }
