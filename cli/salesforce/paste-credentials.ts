/** Key and secret from the person at the keyboard, where the org does not hand them out to programs. */
import { secret, type Secret } from '#lib/secret.ts'
import { CommandFailure } from '../output.ts'
import type { Credentials } from './org-credentials.ts'
import type { World } from './world.ts'

const TRIES = 3
/** Both V (formats that Salesforce's own pages and public validators show); older apps have secrets of 16 to 19 digits (M), so others are only warned of. */
const KEY = /^3MVG9[\w.]{10,251}$/
const SECRET = /^[0-9A-F]{64}$/
const SPACE = /\s/

/** Where key and secret are shown. Source: eca-metadata facts §5 (V, V-obs for the address). `app` is the label. */
export function whereToClick(host: string, app: string): string[] {
  const setup = host.replace(/\.my\.salesforce\.com$/, '.my.salesforce-setup.com')
  return [
    `Key and secret of "${app}" are shown in Setup only:`,
    `  Setup → External Client App Manager → ${app} → Settings → OAuth Settings → Consumer Key and Secret`,
    ...(setup === host ? [] : [`  https://${setup}/lightning/setup/ManageExternalClientApplication/home`]),
    '  Salesforce may send a code to your email first. What you paste here is not shown.',
  ]
}

/** `keep`: the key that the integration has already; an empty answer keeps it, and undefined comes back. */
export async function pastedCredentials(world: World, host: string, app: string, keep?: string): Promise<Credentials | undefined> {
  for (const line of whereToClick(host, app)) world.say(line)
  if (keep !== undefined) world.say(`  Press Enter to keep what the integration has (${shortened(keep)}).`)
  const key = await asked(world, 'Consumer key (not shown): ', (text) => {
    if (text === '' && keep !== undefined) return undefined
    if (SPACE.test(text)) return 'A consumer key has no spaces in it.'
    return KEY.test(text) ? undefined : 'That is no consumer key: it begins with 3MVG9, and has letters, digits, dots and underscores.'
  })
  if (key === '') return undefined
  return { key, secret: await pastedSecret(world, key) }
}

async function pastedSecret(world: World, key: string): Promise<Secret> {
  const text = await asked(world, 'Consumer secret (not shown): ', (answer) => {
    if (answer === '') return 'Nothing was pasted.'
    if (SPACE.test(answer)) return 'A consumer secret has no spaces in it.'
    return answer === key ? 'That is the consumer key again.' : undefined
  })
  if (!SECRET.test(text))
    world.say('  The secret has not the usual form (64 digits and letters A to F). It is taken as it is; the first sign-in will tell.')
  return secret(text)
}

/** `wrong` says what is wrong with an answer. */
async function asked(world: World, question: string, wrong: (text: string) => string | undefined): Promise<string> {
  for (let left = TRIES; ;) {
    const text = (await world.ask.hidden(question)).trim()
    const problem = wrong(text)
    if (problem === undefined) return text
    left -= 1
    if (left === 0) throw new CommandFailure(problem)
    world.say(`  ${problem}`)
  }
}

/** Enough to tell two keys apart. Keys are no secrets, but need not fill a line. */
export function shortened(key: string): string {
  return key.length > 20 ? `${key.slice(0, 8)}…${key.slice(-4)}` : key
}
