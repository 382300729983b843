import type { KeyObject } from 'node:crypto'
import { generateKeyPairSync, randomBytes, sign } from 'node:crypto'
import { isIP } from 'node:net'

export type TestCa = {
  caPem: string
  /** PEM key and certificate for host names (also `*.example.com`) and IP addresses, to give to `https.createServer`. */
  issue: (hosts: string[]) => { key: string; cert: string }
}

// The few bytes of DER that a certificate needs (X.690, RFC 5280), written here because the libraries for it bring 20 packages.
const der = (tag: number, ...parts: Buffer[]): Buffer => {
  const content = Buffer.concat(parts)
  const size = content.length
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff]
  return Buffer.concat([Buffer.from([tag, ...length]), content])
}
const sequence = (...parts: Buffer[]): Buffer => der(0x30, ...parts)
const set = (...parts: Buffer[]): Buffer => der(0x31, ...parts)
const integer = (bytes: Buffer): Buffer => der(0x02, bytes)
const octets = (...parts: Buffer[]): Buffer => der(0x04, ...parts)
const bits = (unused: number, bytes: Buffer): Buffer => der(0x03, Buffer.from([unused]), bytes)
const TRUE = Buffer.from('0101ff', 'hex')
const oid = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'))

const ECDSA_WITH_SHA256 = sequence(oid('2a8648ce3d040302'))
const COMMON_NAME = oid('550403')
const BASIC_CONSTRAINTS = oid('551d13')
const KEY_USAGE = oid('551d0f')
const EXTENDED_KEY_USAGE = oid('551d25')
const SUBJECT_ALT_NAME = oid('551d11')
const SERVER_AUTH = oid('2b06010505070301')

const nameOf = (commonName: string): Buffer => sequence(set(sequence(COMMON_NAME, der(0x0c, Buffer.from(commonName)))))

/** UTCTime, which holds until 2049. */
const time = (ms: number): Buffer =>
  der(
    0x17,
    Buffer.from(
      new Date(ms)
        .toISOString()
        .replace(/\.\d+Z$/, 'Z')
        .replace(/[-:T]/g, '')
        .slice(2),
    ),
  )

const ipBytes = (ip: string): Buffer => {
  if (isIP(ip) === 4) return Buffer.from(ip.split('.').map(Number))
  const [head = '', tail] = ip.split('::')
  const groups = (text: string): string[] => (text === '' ? [] : text.split(':'))
  const end = groups(tail ?? '')
  const start = groups(head)
  const zeros = Array<string>(8 - start.length - end.length).fill('0')
  return Buffer.from([...start, ...zeros, ...end].map((group) => group.padStart(4, '0')).join(''), 'hex')
}

const altName = (host: string): Buffer => (isIP(host) ? der(0x87, ipBytes(host)) : der(0x82, Buffer.from(host)))

const pem = (label: string, bytes: Buffer): string =>
  `-----BEGIN ${label}-----\n${bytes.toString('base64').replace(/.{64}(?=.)/g, '$&\n')}\n-----END ${label}-----\n`

type Contents = { subject: string; publicKey: KeyObject; extensions: Buffer[] }

const HOUR_MS = 3_600_000
const CA_NAME = 'Hawser test CA'

/** Valid from an hour ago (clocks of containers differ) for a day. */
const certificate = ({ subject, publicKey, extensions }: Contents, signer: KeyObject): string => {
  const version3 = der(0xa0, integer(Buffer.from([2])))
  const serial = integer(Buffer.concat([Buffer.from([0x01]), randomBytes(15)])) // the first byte keeps it positive
  const now = Date.now()
  const body = sequence(
    version3,
    serial,
    ECDSA_WITH_SHA256,
    nameOf(CA_NAME),
    sequence(time(now - HOUR_MS), time(now + 24 * HOUR_MS)),
    nameOf(subject),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  )
  return pem('CERTIFICATE', sequence(body, ECDSA_WITH_SHA256, bits(0, sign('sha256', body, signer))))
}

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' })

/** A certificate authority that lives in memory for one test run. */
export const createTestCa = (): TestCa => {
  const ca = newKeys()
  const caPem = certificate(
    {
      subject: CA_NAME,
      publicKey: ca.publicKey,
      extensions: [
        sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence(TRUE))),
        sequence(KEY_USAGE, TRUE, octets(bits(1, Buffer.from([0x06])))), // certificates and revocation lists
      ],
    },
    ca.privateKey,
  )

  const issue: TestCa['issue'] = (hosts) => {
    const { publicKey, privateKey } = newKeys()
    const extensions = [
      sequence(BASIC_CONSTRAINTS, TRUE, octets(sequence())),
      sequence(KEY_USAGE, TRUE, octets(bits(7, Buffer.from([0x80])))), // signatures
      sequence(EXTENDED_KEY_USAGE, octets(sequence(SERVER_AUTH))),
      sequence(SUBJECT_ALT_NAME, octets(sequence(...hosts.map(altName)))),
    ]
    const cert = certificate({ subject: 'Hawser test server', publicKey, extensions }, ca.privateKey)
    return { key: privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, cert }
  }

  return { caPem, issue }
}
