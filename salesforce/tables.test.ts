import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseLimitInfo } from './limits.ts'
import { MINIMUM_SCOPES, salesforceScopes, scopeByName } from './scopes.ts'
import { apiVersionOfRelease, isRetiredApiVersion, releaseOfApiVersion } from './versions.ts'

describe('parseLimitInfo', () => {
  it('reads the org’s and the app’s usage', () => {
    expect(parseLimitInfo('api-usage=18/15000')).toEqual({ used: 18, max: 15000 })
    expect(parseLimitInfo('api-usage=25/5000; per-app-api-usage=17/250(appName=sample app)')).toEqual({
      used: 25,
      max: 5000,
      perApp: { used: 17, max: 250, appName: 'sample app' },
    })
  })

  it.each([
    undefined,
    '',
    'usage=1/2',
    'api-usage=1',
    'api-usage=a/b',
    'per-app-api-usage=17/250(appName=x)',
    `api-usage=1/2;${' '.repeat(2000)}`,
  ])('makes nothing of %j', (header) => {
    expect(parseLimitInfo(header)).toBeUndefined()
  })

  it('never throws and never invents numbers', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.string().map((rest) => `api-usage=${rest}`),
        ),
        (header) => {
          const info = parseLimitInfo(header)
          if (info) expect(Number.isSafeInteger(info.used) && Number.isSafeInteger(info.max)).toBe(true)
        },
      ),
      { examples: [['api-usage=1/2']] },
    )
  })
})

describe('scopes', () => {
  it('has each scope and each metadata token once', () => {
    expect(new Set(salesforceScopes.map(({ scope }) => scope)).size).toBe(salesforceScopes.length)
    expect(new Set(salesforceScopes.map(({ metadataToken }) => metadataToken)).size).toBe(salesforceScopes.length)
  })

  it('knows the minimum and today’s labels', () => {
    for (const scope of MINIMUM_SCOPES) expect(scopeByName(scope)).toBeDefined()
    expect(scopeByName('api')).toMatchObject({
      label: 'Manage user data via APIs',
      oldLabel: 'Access and manage your data',
      metadataToken: 'Api',
    })
    expect(scopeByName('refresh_token')?.metadataToken).toBe('RefreshToken')
    expect(scopeByName('nonsense')).toBeUndefined()
  })
})

describe('versions', () => {
  it('maps versions to releases and back', () => {
    expect(releaseOfApiVersion(65)).toBe("Winter '26")
    expect(releaseOfApiVersion('v66.0')).toBe("Spring '26")
    expect(releaseOfApiVersion('67.0')).toBe("Summer '26")
    expect(releaseOfApiVersion('68')).toBe("Winter '27")
    expect(releaseOfApiVersion('60')).toBe("Spring '24")
    expect(apiVersionOfRelease('winter ’26')).toBe(65)
    expect(releaseOfApiVersion('9999')).toBeUndefined()
    expect(releaseOfApiVersion('latest')).toBeUndefined()
    expect(apiVersionOfRelease('Autumn ’26')).toBeUndefined()
  })

  it('knows which are gone', () => {
    expect(isRetiredApiVersion('v30.0')).toBe(true)
    expect(isRetiredApiVersion(31)).toBe(false)
    expect(isRetiredApiVersion('x')).toBe(false)
  })
})
