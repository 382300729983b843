import { describe, expect, it } from 'vitest'
import { helpLinkOf } from './help-link.ts'
import type { ProviderEntry } from './provider-entry.ts'
import type { Diagnosis, Integration } from './server.ts'
import { canTryAgain, installLinkOf } from './what-helps.ts'

const provider = { docs_connect: 'https://docs.example.com/connect' } as ProviderEntry

describe('the link that explains a field', () => {
  it('is the provider’s, at the field’s section', () => {
    expect(helpLinkOf(provider, undefined, { doc_section: '#host' })).toBe('https://docs.example.com/connect#host')
    expect(helpLinkOf(provider, undefined)).toBe('https://docs.example.com/connect')
    expect(helpLinkOf({} as ProviderEntry, undefined)).toBeUndefined()
  })

  it('is the session’s own before that', () => {
    expect(helpLinkOf(provider, { docs_connect: 'https://acme.example/help' }, { doc_section: '#host' })).toBe('https://acme.example/help')
  })

  it.each(['javascript:alert(1)', 'data:text/html,x', 'no address'])('15. is never %s', (docs_connect) => {
    expect(helpLinkOf({ docs_connect } as ProviderEntry, undefined)).toBeUndefined()
    expect(helpLinkOf(provider, { docs_connect })).toBeUndefined()
  })
})

describe('what helps', () => {
  const diagnosis = (code: string, kind = 'config') => ({ code, class: kind }) as Diagnosis
  const integration = (install_url: string | null) => ({ install_url }) as Integration

  it('15. is no install link but a plain https one, and only where one is needed', () => {
    expect(installLinkOf(diagnosis('app-must-be-installed'), integration('https://login.salesforce.com/x'))).toBe(
      'https://login.salesforce.com/x',
    )
    expect(installLinkOf(diagnosis('app-must-be-installed'), integration('javascript:alert(1)//https://'))).toBeUndefined()
    expect(installLinkOf(diagnosis('user-denied-access'), integration('https://login.salesforce.com/x'))).toBeUndefined()
  })

  it('is another try where the person can change something', () => {
    expect([canTryAgain(diagnosis('x', 'user')), canTryAgain(diagnosis('x', 'config'))]).toEqual([true, false])
  })
})
