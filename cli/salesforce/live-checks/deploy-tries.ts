/** Deployments that have to be refused, to see with which sentence. The org only checks them; nothing is kept. */
import { strFromU8, strToU8, unzipSync, zipSync } from 'fflate'
import { diagnoseDeployError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { zipFor } from '../deploy-app.ts'
import { deployZipTo } from '../org-deploy.ts'
import { problemsOf, TEST_APP, testApp, xml } from './app-checks.ts'
import { fails, pass, type LiveCheck, type Subject } from './live-check.ts'

/** The files of the zip by their names. */
type Files = Record<string, string>

export const deployTries: readonly LiveCheck[] = [
  refusal('deploy-reference-wrong', "Name another app in one file's externalClientApplication.", (files) =>
    changed(files, '.ecaOauthPlcy', (text) => text.replace(/(<externalClientApplication>)[^<]*/, '$1Hawser_No_Such_App')),
  ),
  refusal('deploy-settings-missing', 'Deploy the app without its .ecaOauth file.', (files) => {
    const without = Object.fromEntries(Object.entries(files).filter(([name]) => !name.endsWith('.ecaOauth')))
    return changed(without, 'package.xml', (text) =>
      text.replace(/<types>\s*<members>[^<]*<\/members>\s*<name>ExtlClntAppOauthSettings<\/name>\s*<\/types>/, ''),
    )
  }),
  refusal('deploy-scope-unknown', 'Deploy the scope ChatterApi.', (files) =>
    changed(files, '.ecaOauth', (text) => text.replace(/(<commaSeparatedOauthScopes>)[^<]*/, '$1Api, ChatterApi')),
  ),
  refusal('deploy-value-not-allowed', 'Deploy distributionState Packageable.', (files) =>
    changed(files, '.eca', (text) => text.replace(/(<distributionState>)[^<]*/, '$1Packageable')),
  ),
  refusal('deploy-field-not-allowed', 'Put callbackUrl into the .ecaOauth file.', (files) =>
    changed(files, '.ecaOauth', (text) =>
      text.replace(/(<ExtlClntAppOauthSettings[^>]*>)/, '$1<callbackUrl>https://example.com</callbackUrl>'),
    ),
  ),
  refusal('deploy-type-unknown', 'Deploy with a type in package.xml that does not exist.', (files) =>
    changed(files, 'package.xml', (text) =>
      text.replace('<version>', '<types><members>X</members><name>HawserNoSuchType</name></types><version>'),
    ),
  ),
  {
    about: 'connected-app-creation-blocked',
    person: 'Deploy a ConnectedApp file with the Salesforce CLI.',
    writes: true,
    try: async ({ world, org }) => {
      const zip = connectedAppZip(await org.newestVersion())
      return judged('connected-app-creation-blocked', await deployZipTo(world, org, zip, { checkOnly: true }))
    },
  },
]

function refusal(row: string, person: string, spoil: (files: Files) => Files): LiveCheck {
  return {
    about: row,
    person,
    writes: true,
    try: async ({ world, org }: Subject) => {
      const files = Object.fromEntries(
        Object.entries(unzipSync(await zipFor(org, testApp({})))).map(([name, bytes]) => [name, strFromU8(bytes)]),
      )
      const zip = zipSync(Object.fromEntries(Object.entries(spoil(files)).map(([name, text]) => [name, strToU8(text)])))
      return judged(row, await deployZipTo(world, org, zip, { checkOnly: true }))
    },
  }
}

function judged(row: string, result: Awaited<ReturnType<typeof deployZipTo>>) {
  if (result.ok) return fails('accepted')
  const texts = [result.message, ...result.problems.map(({ message }) => message)]
  return (texts.some((text) => diagnoseDeployError(text)?.id === row) ? pass : fails)(`refused: ${problemsOf(result)}`)
}

function changed(files: Files, suffix: string, change: (text: string) => string): Files {
  const name = Object.keys(files).find((one) => one.endsWith(suffix))
  if (name === undefined) throw new Error(`no file ends in ${suffix}`)
  return { ...files, [name]: change(files[name]!) }
}

function connectedAppZip(version: string): Uint8Array {
  const types = `<types><members>${TEST_APP}</members><name>ConnectedApp</name></types><version>${version}</version>`
  const app =
    '<contactEmail>nobody@example.com</contactEmail><label>Hawser Live Check</label><oauthConfig><callbackUrl>https://example.com/oauth/callback</callbackUrl>' +
    '<scopes>Api</scopes></oauthConfig>'
  return zipSync({ 'package.xml': xml('Package', types), [`connectedApps/${TEST_APP}.connectedApp`]: xml('ConnectedApp', app) })
}
