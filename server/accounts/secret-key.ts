import { hash, randomInt } from 'node:crypto'

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const LENGTH = 43
const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i

/** The label only helps people to tell keys apart; it is never read back. */
export function newSecretKey(environmentName: string): string {
  const label = environmentName.replace(/[^a-z0-9]/g, '').slice(0, 32) || 'env'
  return `hws_${label}_${newSecretText()}`
}

/** 43 base62 characters = 256 random bits. */
export function newSecretText(): string {
  return Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('')
}

/** What is stored. High-entropy secrets need no slow hash. */
export function hashOfSecretKey(secret: string): Buffer {
  // A UUID is the same key in capitals.
  return hash('sha256', UUID_V4.test(secret) ? secret.toLowerCase() : secret, 'buffer')
}

/** Enough to recognise a key by, too little to guess it. */
export function hintOfSecretKey(secret: string): string {
  return `${secret.slice(0, secret.startsWith('hws_') ? secret.lastIndexOf('_') + 5 : 4)}…`
}
