/**
 * The vault key in AWS KMS: it never leaves there. Called for each environment once a process, and at rotations; what is loaded goes on when KMS does not
 * answer. `@aws-sdk/client-kms` is an optional peer, since its search for credentials (roles of machines, pods and sign-ins) is not worth writing twice.
 */
import { createHash } from 'node:crypto'
import { CannotOpen } from './envelope.ts'
import { CHECK_BYTES, WrongVaultKey, type KeyProvider } from './key-provider.ts'

const PACKAGE = '@aws-sdk/client-kms'
/** For one call with its repetitions. */
const DEADLINE_MS = 20_000
const REQUEST_TIMEOUT_MS = 4_000
const CONNECT_TIMEOUT_MS = 2_000
const ATTEMPTS = 5

/** KMS cannot be used as things are; the message says what to do. */
export class KmsUnusable extends Error {
  readonly code = 'ERR_KMS_UNUSABLE'
  override readonly name = 'KmsUnusable'
}

export interface KmsOptions {
  /** Tests: in place of the region's endpoint, and of the credentials that the SDK finds. */
  endpoint?: string
  credentials?: { accessKeyId: string; secretAccessKey: string }
  attempts?: number
  deadlineMs?: number
  /** Tests: what stands in for `import()`. */
  load?: (name: string) => Promise<unknown>
}

/** What we use of the SDK: it may not be installed, so its own types may not be there. */
interface Sdk {
  KMSClient: new (config: Record<string, unknown>) => { send(command: unknown, options: { abortSignal: AbortSignal }): Promise<Reply> }
  EncryptCommand: new (input: Record<string, unknown>) => unknown
  DecryptCommand: new (input: Record<string, unknown>) => unknown
}
interface Reply {
  CiphertextBlob?: Uint8Array
  Plaintext?: Uint8Array
}

export const idOfKmsKey = (arn: string): string => `aws-kms:${arn}`
const checkOf = (arn: string): Buffer => createHash('sha256').update(idOfKmsKey(arn)).digest().subarray(0, CHECK_BYTES)

/**
 * `arn`: of a key, `arn:aws:kms:<region>:<account>:key/<id>`. Wraps as: key check (8 bytes) | KMS's ciphertext, with the aad as encryption context,
 * which KMS authenticates and shows in CloudTrail: it must hold nothing secret (V: AWS KMS Developer Guide, "Encryption context").
 * Nothing is asked of KMS before the first `wrap` or `unwrap`. @throws KmsUnusable
 */
export async function kmsKeyProvider(arn: string, options: KmsOptions = {}): Promise<KeyProvider> {
  const sdk = await loadSdk(options.load ?? ((name) => import(name)))
  const client = new sdk.KMSClient({
    region: arn.split(':')[3],
    maxAttempts: options.attempts ?? ATTEMPTS,
    requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS, connectionTimeout: CONNECT_TIMEOUT_MS, throwOnRequestTimeout: true },
    ...(options.endpoint === undefined ? {} : { endpoint: options.endpoint }),
    ...(options.credentials ? { credentials: options.credentials } : {}),
  })
  const id = idOfKmsKey(arn)
  const check = checkOf(arn)
  const send = async (command: unknown): Promise<Reply> => {
    try {
      return await client.send(command, { abortSignal: AbortSignal.timeout(options.deadlineMs ?? DEADLINE_MS) })
    } catch (error) {
      throw inOurWords(error, arn)
    }
  }
  const place = (aad: string) => ({ KeyId: arn, EncryptionContext: { hawser: aad } })
  return {
    id,
    async wrap(plain, aad) {
      const { CiphertextBlob } = await send(new sdk.EncryptCommand({ ...place(aad), Plaintext: plain }))
      if (!CiphertextBlob) throw new KmsUnusable(`AWS KMS answered without a ciphertext for ${arn}`)
      return Buffer.concat([check, CiphertextBlob])
    },
    async unwrap(wrapped, aad) {
      const wrappedBy = wrapped.subarray(0, CHECK_BYTES)
      if (!wrappedBy.equals(check)) throw new WrongVaultKey(`with the check ${wrappedBy.toString('hex')}`, id)
      const { Plaintext } = await send(new sdk.DecryptCommand({ ...place(aad), CiphertextBlob: wrapped.subarray(CHECK_BYTES) }))
      if (!Plaintext) throw new KmsUnusable(`AWS KMS answered without a plaintext for ${arn}`)
      const plain = Buffer.from(Plaintext)
      Plaintext.fill(0)
      return plain
    },
  }
}

async function loadSdk(load: (name: string) => Promise<unknown>): Promise<Sdk> {
  try {
    return (await load(PACKAGE)) as Sdk
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_MODULE_NOT_FOUND') throw error
    throw new KmsUnusable(`HAWSER_KMS_KEY needs the package ${PACKAGE}, which is not installed: npm install ${PACKAGE}`)
  }
}

// Names of errors: AWS KMS API Reference, Encrypt and Decrypt (V), and common errors (V).
const FIXES: Record<string, string> = {
  AccessDeniedException: 'Allow kms:Encrypt and kms:Decrypt on it to this server’s role, in the key’s policy or the role’s',
  NotFoundException: 'There is no such key in this account and region: correct HAWSER_KMS_KEY',
  DisabledException: 'The key is disabled: enable it',
  KMSInvalidStateException: 'The key is pending deletion or its import is not done: cancel the deletion',
  InvalidKeyUsageException: 'The key must be a symmetric one for encryption (SYMMETRIC_DEFAULT, ENCRYPT_DECRYPT)',
  KeyUnavailableException: 'The key is unavailable for now; try again',
  CredentialsProviderError: 'No AWS credentials were found: give this machine a role, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY',
  UnrecognizedClientException: 'The AWS credentials are not valid',
  InvalidClientTokenId: 'The AWS credentials are not valid',
  ExpiredTokenException: 'The AWS credentials have expired',
  InvalidSignatureException: 'The AWS credentials are not valid, or this machine’s clock is wrong',
  ThrottlingException: 'It answers that there are too many requests; try again, or ask AWS for a higher quota',
  LimitExceededException: 'A quota of the account is used up',
}

/** Messages of the SDK may quote the request; its names do not. */
function inOurWords(error: unknown, arn: string): Error {
  const name = error instanceof Error ? error.name : 'unknown'
  // InvalidCiphertext: changed bytes, or another encryption context. IncorrectKey: wrapped by another key of KMS.
  if (name === 'InvalidCiphertextException' || name === 'IncorrectKeyException') return new CannotOpen()
  const fix = Object.hasOwn(FIXES, name) ? FIXES[name] : 'It does not answer: check the network, and the status of AWS'
  return new KmsUnusable(`AWS KMS cannot use ${arn} (${name}). ${fix}. Servers that run already go on with the keys they have loaded.`)
}
