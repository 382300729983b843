/** NIST SP 800-63B-4 §3.1.1.2: a length, a list of what everybody tries first, and no rules of composition. */
import { fail } from '@hawser/api/errors.ts'

export const SHORTEST_PASSWORD = 10
export const LONGEST_PASSWORD = 128

/** Those of the usual lists (M) that are long enough to be accepted, without their endings. */
const COMMON = new Set(
  `password passwort password1 passw0rd p@ssw0rd p@ssword qwerty qwertyuiop qwertz qwertzuiop qwerty123 azertyuiop asdfghjkl asdfghjklö zxcvbnm
  1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc qazwsxedc zaq12wsx q1w2e3r4t5 q1w2e3r4t5y6 abc abcdefgh abcdefghij abcdefghijk abcd abcd1234
  iloveyou sunshine princess football baseball basketball superman batman dragon monkey letmein letmeinnow welcome welcometo changeme changemenow
  trustno1 whatever starwars jordan michael jennifer computer internet master administrator administrador admin root test testtest testing
  secret secretsecret default guest login hello helloworld salesforce hawser sandbox production developer company qwerasdfzxcv pokemon
  liverpool manchester chelsea arsenal barcelona cristiano ronaldo charlie thomas robert daniel andrea matthew nicole ashley
  summer winter spring autumn sommer herbst january february september october november december monday sunday
  correcthorsebatterystaple thisisapassword mypassword yourpassword newpassword password123 ihatepasswords nothing nopassword`.split(/\s+/),
)

/** Throws `weak_password`, which says why. `about`: what everybody knows of the person. */
export function requireGoodPassword(password: string, about: readonly string[]): void {
  const refuse = (message: string) => fail('weak_password', { message })
  if ([...password].length < SHORTEST_PASSWORD) throw refuse(`A password has at least ${SHORTEST_PASSWORD} characters.`)
  if (password.length > LONGEST_PASSWORD) throw refuse(`A password has at most ${LONGEST_PASSWORD} characters.`)
  const plain = password.toLowerCase()
  // `Password2024!`, `summer-2025`: a word of the list with an ending is what is tried next.
  const bare = plain.replace(/[^\p{L}]+$/u, '').replace(/^[^\p{L}]+/u, '')
  if (COMMON.has(plain) || COMMON.has(bare) || COMMON.has(plain.replace(/[\d\W_]+$/, '')))
    throw refuse('That password is one of those that are tried first. Choose another: three or four unrelated words, for example.')
  if (new Set(plain).size < 5 || isRun(plain))
    throw refuse('That password repeats itself. Choose another: three or four unrelated words, for example.')
  for (const text of about) {
    const known = text.toLowerCase()
    if (known.length >= 4 && (bare === known || plain === known)) throw refuse('That password is your name or your address.')
  }
}

/** `1234567890`, `9876543210`, `abcdefghij`. */
function isRun(text: string): boolean {
  const steps = new Set([...text].slice(1).map((character, at) => character.codePointAt(0)! - text.codePointAt(at)!))
  // `…90` of the keyboard's row of digits.
  return steps.size === 1 || (/^\d+$/.test(text) && [...steps].every((step) => step === 1 || step === -9))
}
