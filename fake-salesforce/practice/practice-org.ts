import { addApp } from '../orgs/add-app.ts'
import { addOrg } from '../orgs/add-org.ts'
import { addRecords } from '../orgs/add-records.ts'
import { addUser } from '../orgs/add-user.ts'
import type { App, State } from '../state.ts'

export const PRACTICE_ORG = 'practice'
export const PRACTICE_APP = 'hawser_practice'
export const PRACTICE_USER = 'pat@practice.example.trial'
export const PRACTICE_BANNER = "This is Hawser's practice org, not Salesforce"

export interface PracticeOptions {
  callbackUrls: string[]
  /** The app's consumer key and secret; made up when absent. */
  consumerKey?: string
  consumerSecret?: string
}

const ACCOUNTS: [name: string, industry: string, city: string, employees: number][] = [
  ['Northwind Boatyard', 'Manufacturing', 'Kiel', 84],
  ['Lantern & Sons', 'Retail', 'Ghent', 19],
  ['Harbour Light Clinics', 'Healthcare', 'Porto', 310],
  ['Saltmarsh Brewing', 'Food & Beverage', 'Whitby', 42],
  ['Blue Buoy Logistics', 'Transportation', 'Rotterdam', 1250],
]

const CONTACTS: [first: string, last: string, title: string, account: number][] = [
  ['Marta', 'Lindqvist', 'Head of Purchasing', 0],
  ['Tomasz', 'Zielinski', 'Yard Manager', 0],
  ['Ines', 'De Smet', 'Owner', 1],
  ['Rui', 'Carvalho', 'IT Lead', 2],
  ['Beatriz', 'Nunes', 'Operations', 2],
  ['Owen', 'Hartley', 'Master Brewer', 3],
  ['Saskia', 'van Dijk', 'Integration Architect', 4],
]

/** A sandbox named Practice, one user, one app that asks for PKCE and rotates refresh tokens, a handful of accounts and contacts. */
export function seedPractice(state: State, options: PracticeOptions): void {
  addOrg(state, { key: PRACTICE_ORG, name: 'Practice', kind: 'sandbox', sandboxName: 'practice', instanceName: 'PRACTICE1' })
  addUser(state, { orgKey: PRACTICE_ORG, username: PRACTICE_USER, firstName: 'Pat', lastName: 'Practice', email: 'pat@practice.example' })
  addPracticeApp(state, options)
  const accounts = addRecords(
    state,
    PRACTICE_ORG,
    'Account',
    ACCOUNTS.map(([Name, Industry, BillingCity, NumberOfEmployees]) => ({ Name, Industry, BillingCity, NumberOfEmployees })),
  )
  const contacts = CONTACTS.map(([FirstName, LastName, Title, account]) => ({
    FirstName,
    LastName,
    Title,
    Email: `${FirstName}.${LastName}@example.com`.toLowerCase().replaceAll(' ', ''),
    AccountId: accounts[account]?.Id ?? null,
  }))
  addRecords(state, PRACTICE_ORG, 'Contact', contacts)
}

export function addPracticeApp(state: State, options: PracticeOptions): App {
  return addApp(state, {
    orgKey: PRACTICE_ORG,
    developerName: PRACTICE_APP,
    label: 'Hawser practice app',
    callbackUrls: options.callbackUrls,
    scopes: ['api', 'refresh_token', 'id', 'openid'],
    flags: { rotation: true },
    ...(options.consumerKey === undefined ? {} : { consumerKey: options.consumerKey }),
    ...(options.consumerSecret === undefined ? {} : { consumerSecret: options.consumerSecret }),
  })
}
