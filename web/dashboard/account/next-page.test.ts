import { describe, expect, it, vi } from 'vitest'
import { nextPath } from './next-page.ts'

vi.mock('../api/query-client.ts', () => ({ queryClient: {} }))

describe('nextPath', () => {
  it.each(['/overview', '/connections?state=broken', '/connections/salesforce/a%2Fb'])('keeps %s', (path) => {
    expect(nextPath(path)).toBe(path)
  })
  it.each([
    undefined,
    7,
    '',
    'overview',
    '//evil.example',
    '/\\evil.example',
    'https://evil.example',
    '/sign-in',
    '/a b',
    'javascript:alert(1)',
  ])('leads to the overview instead of %s', (path) => {
    expect(nextPath(path)).toBe('/overview')
  })
})
