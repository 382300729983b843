import { hash } from 'node:crypto'
import { newSecretText } from './secret-key.ts'

export const CONNECTION_TOKEN_PREFIX = 'hct_'
const FORM = /^hct_[0-9A-Za-z]{43}$/

/** Letters, digits and one underscore: what every stock client takes for an access token. */
export function newConnectionToken(): string {
  return CONNECTION_TOKEN_PREFIX + newSecretText()
}

export function isConnectionToken(text: string): boolean {
  return FORM.test(text)
}

export function hashOfConnectionToken(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/** Enough to recognise a token by, too little to guess it. */
export function hintOfConnectionToken(token: string): string {
  return `${token.slice(0, CONNECTION_TOKEN_PREFIX.length + 4)}…`
}
