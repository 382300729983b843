import type { ErrorRow } from './error-row.ts'

/** Addresses that are used for something they are not made for. */
export const hostMistakes: readonly ErrorRow[] = [
  {
    id: 'interface-host-as-api',
    where: 'check',
    match: [{ description: 'It should NOT be a lightning domain' }, { description: 'lightning URLs are not valid as instance URLs' }],
    class: 'config',
    title: 'The address is one of Salesforce’s user interface, not of its API',
    cause:
      'Hosts of Lightning (acme.lightning.force.com), Setup (acme.my.salesforce-setup.com) and Experience Cloud sites (acme.my.site.com) show pages. Sign-ins and API calls go to the My Domain host, acme.my.salesforce.com.',
    fix: [
      'Use the My Domain host: acme.lightning.force.com becomes acme.my.salesforce.com, acme--uat.sandbox.lightning.force.com becomes acme--uat.sandbox.my.salesforce.com.',
      'For API calls use the connection’s instance_url as it is.',
    ],
    endUserText: 'Please enter the address at which you log in to Salesforce, such as acme.my.salesforce.com.',
    tells: ['It should NOT be a lightning domain', 'lightning URLs are not valid as instance URLs'],
    confidence: 'V',
    source: 'CORE, JSF',
  },
]
