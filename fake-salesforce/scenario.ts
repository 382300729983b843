import { addApp } from './orgs/add-app.ts'
import { addOrg } from './orgs/add-org.ts'
import { addRecords } from './orgs/add-records.ts'
import { addUser } from './orgs/add-user.ts'
import type { State } from './state.ts'

/**
 * The orgs of the tests: `acme` (production), its sandbox `acme-uat`, a second customer's sandbox `globex-uat`, the Developer Edition `dev`,
 * and one each of the other kinds: `scratch`, `trailhead`, `trial`; in each one user, one local app `hawser_<key>`, and a few rows. Besides, the CLI's own app.
 */
export function seedScenario(state: State, callbackUrls: string[]): void {
  addOrg(state, { key: 'acme', name: 'Acme', kind: 'production' })
  addOrg(state, { key: 'acme-uat', name: 'Acme', kind: 'sandbox' })
  addOrg(state, { key: 'globex-uat', name: 'Globex', kind: 'sandbox' })
  addOrg(state, { key: 'dev', name: 'Dev', kind: 'developer' })
  addOrg(state, { key: 'scratch', name: 'Scratch', kind: 'scratch' })
  addOrg(state, { key: 'trailhead', name: 'Trailhead', kind: 'trailhead' })
  addOrg(state, { key: 'trial', name: 'Trial', kind: 'trial' })
  addUser(state, { orgKey: 'acme', username: 'ann@acme.example' })
  addUser(state, { orgKey: 'acme-uat', username: 'ann@acme.example.uat' })
  addUser(state, { orgKey: 'globex-uat', username: 'gus@globex.example.uat' })
  addUser(state, { orgKey: 'dev', username: 'dora@dev.example' })
  addUser(state, { orgKey: 'scratch', username: 'test-scratch@example.com' })
  addUser(state, { orgKey: 'trailhead', username: 'tara@trailhead.example' })
  addUser(state, { orgKey: 'trial', username: 'theo@trial.example' })
  for (const org of state.orgs.values()) {
    addApp(state, { orgKey: org.key, developerName: `hawser_${org.key.replace('-', '_')}`, label: 'Hawser', callbackUrls })
    addRecords(state, org.key, 'Account', [{ Name: `${org.name} North` }, { Name: `${org.name} South` }, { Name: `${org.name} West` }])
    addRecords(state, org.key, 'Contact', [{ FirstName: 'Ada', LastName: 'Nord', Email: 'ada@example.com' }])
  }
  addApp(state, {
    type: 'ca',
    orgKey: 'acme',
    developerName: 'PlatformCLI',
    label: 'Salesforce CLI',
    consumerKey: 'PlatformCLI',
    consumerSecret: '',
    installedIn: [...state.orgs.keys()],
    callbackUrls: ['http://localhost:1717/OauthRedirect'],
    scopes: ['api', 'refresh_token', 'web', 'id', 'openid'],
    flags: { secretRequiredWeb: false, secretRequiredRefresh: false },
  })
}
