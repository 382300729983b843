/** What the host of this org shows, if it is of the form in question. */
import { classifyHost } from '@hawser/salesforce/hosts.ts'
import { orgKindFrom, type OrgKind } from '@hawser/salesforce/org.ts'
import { cannot, fails, pass, type Finding, type LiveCheck } from './live-check.ts'

export const hostChecks: readonly LiveCheck[] = [
  {
    about: 'Legacy forms:',
    person: 'Log in to an org without enhanced domains and compare the kind that Hawser tells with Setup → Company Information.',
    try: async ({ org, facts }) => {
      const { kind } = classifyHost(org.host)
      const isLegacy =
        kind === 'legacy' || kind === 'legacy-sandbox' || /^[a-z0-9]+--[a-z0-9]+(\.cs\d+)?\.my\.salesforce\.com$/.test(org.host)
      return isLegacy ? agreement(org.host, facts.kind) : cannot('the host of this org is not of a legacy form')
    },
  },
  {
    about: '`x-dev-ed.my.salesforce.com` (no partition) counts as Developer Edition',
    person: 'Log in to a Developer Edition whose host has no partition.',
    try: async ({ org, facts }) =>
      org.host.endsWith('-dev-ed.my.salesforce.com') ? agreement(org.host, facts.kind) : cannot('the host of this org is not of that form'),
  },
  {
    about: '`x.free.my.salesforce.com` counts as a trial',
    person: 'Log in to a trial org, a demo org and a patch org.',
    try: async ({ org, facts }) =>
      /\.(free|demo|patch)\.my\.salesforce\.com$/.test(org.host)
        ? agreement(org.host, facts.kind)
        : cannot('the host of this org is not of that form'),
  },
  {
    about: 'Which hosts Government Cloud and China use for Setup pages',
    person: 'Open Setup in such an org and note the host of the address bar.',
  },
  {
    about: 'The token endpoint of the generic host',
    person: 'Prevent logins at login.salesforce.com in My Domain, then send a refresh there.',
  },
  {
    about: "A production org's My Domain given to another org",
    person: 'Needs two orgs and a renamed My Domain.',
  },
]

function agreement(host: string, told: OrgKind): Finding {
  const { kind } = orgKindFrom({ instanceHost: host })
  return (kind === told ? pass : fails)(`by its host ${kind}, by its Organization record ${told}`)
}
