/** A public key as it was pasted. A private key is refused here, before it leaves the page. */
export interface PastedKey {
  /** PEM, or a JWK. */
  value?: string | Record<string, unknown>
  fault?: string
}

const PRIVATE = 'This is a private key. It stays on your backend: paste the public one. What was pasted was not sent.'

export function publicKeyOf(pasted: string): PastedKey {
  const text = pasted.trim()
  if (text === '') return {}
  if (/PRIVATE KEY-----/.test(text)) return { fault: PRIVATE }
  if (!text.startsWith('{'))
    return text.startsWith('-----BEGIN ')
      ? { value: text }
      : { fault: 'A public key begins with -----BEGIN PUBLIC KEY----- or, as a JWK, with {.' }
  try {
    const value = JSON.parse(text) as Record<string, unknown>
    return 'd' in value || 'k' in value ? { fault: PRIVATE } : { value }
  } catch {
    return { fault: 'This is not valid JSON.' }
  }
}
