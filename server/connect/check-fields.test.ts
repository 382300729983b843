import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tokenHostAllowed } from '@hawser/salesforce/hosts.ts'
import { loadCatalogue } from '#providers/catalogue.ts'
import type { Provider } from '#providers/schema.ts'
import { checkFields } from './check-fields.ts'

const catalogue = await loadCatalogue({ folder: fileURLToPath(new URL('../../providers', import.meta.url)) })
const salesforce = catalogue.get('salesforce')!
const form = (connection_config: Record<string, object>): Provider => ({
  ...salesforce,
  family: undefined,
  token_response_metadata: undefined,
  connection_config: Object.fromEntries(Object.entries(connection_config).map(([name, field]) => [name, { type: 'string', ...field }])),
})

describe('1. the host that an end user types', () => {
  it('is one of Salesforce’s or refused, whatever the input', () => {
    const part = fc.constantFrom(
      'acme',
      '--',
      'uat',
      '.',
      'my',
      'salesforce',
      'com',
      '/',
      '\\',
      '@',
      '#',
      '?',
      ':443',
      '%2e',
      '%252f',
      'xn--',
      ' ',
      '\t',
      'https://',
      'evil.example',
      'аcme',
      '[::1]',
      '127.0.0.1',
      'login.salesforce.com',
      '.my.salesforce.com',
    )
    const typed = fc.oneof(
      fc.array(part, { maxLength: 8 }).map((parts) => parts.join('')),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.webUrl(),
    )
    let accepted = 0
    fc.assert(
      fc.property(typed, fc.boolean(), (hostname, fromSession) => {
        const checked = checkFields(
          salesforce,
          fromSession ? { params: {}, defaults: { hostname } } : { params: { hostname }, defaults: {} },
        )
        const host = checked.ok ? checked.connectionConfig['hostname'] : undefined
        if (host === undefined) return
        accepted++
        expect(tokenHostAllowed(String(host))).toBe(true)
        expect(new URL(`https://${String(host)}`).hostname).toBe(host)
      }),
      { numRuns: 2000 },
    )
    expect(accepted).toBeGreaterThan(20)
  })
})

describe('fields', () => {
  it.each<[string, object, string, boolean]>([
    ['format hostname', { format: 'hostname' }, 'a.example.com', true],
    ['format hostname', { format: 'hostname' }, 'a.example.com/x', false],
    ['format uri', { format: 'uri' }, 'https://a.example.com/x', true],
    ['format uri', { format: 'uri' }, 'javascript:alert(1)', false],
    ['format uri', { format: 'uri' }, 'https://a@b.example', false],
    ['format uuid', { format: 'uuid' }, '01a2097e-07b0-73ac-a25f-978723442184', true],
    ['format uuid', { format: 'uuid' }, '01a2097e', false],
    ['format email', { format: 'email' }, 'ann@example.com', true],
    ['format email', { format: 'email' }, 'ann', false],
    ['pattern', { pattern: '^[a-z]+$' }, 'abc', true],
    ['pattern', { pattern: '^[a-z]+$' }, 'abc1', false],
    ['no rule but length', {}, 'x'.repeat(2001), false],
    ['no rule but control characters', {}, 'a\r\nb', false],
  ])('%s %j: %s', (_what, field, value, fine) => {
    expect(checkFields(form({ a: field }), { params: { a: value }, defaults: {} }).ok).toBe(fine)
  })

  it('take a default value, and what the session sets before what the browser sends', () => {
    const provider = form({ a: { default_value: 'd' }, b: {} })
    expect(checkFields(provider, { params: { b: 'browser' }, defaults: { b: 'session', extra: { nested: true } } })).toEqual({
      ok: true,
      connectionConfig: { a: 'd', b: 'session', extra: { nested: true } },
    })
  })

  it('2. filled by the server cannot be set by the session either', () => {
    for (const name of ['instance_url', 'org_id']) {
      expect(checkFields(salesforce, { params: {}, defaults: { [name]: 'https://evil.example' } })).toMatchObject({
        ok: false,
        errors: [{ path: ['params', name] }],
      })
    }
  })

  it('6. that are secret are taken like others, and never repeated in an error', () => {
    const provider = form({ pin: { secret: true, optional: true, pattern: '^[0-9]+$' } })
    expect(checkFields(provider, { params: { pin: '1234' }, defaults: {} })).toEqual({ ok: true, connectionConfig: { pin: '1234' } })
    const wrong = checkFields(provider, { params: { pin: 'hunter2' }, defaults: {} })
    expect(wrong.ok).toBe(false)
    expect(JSON.stringify(wrong)).not.toContain('hunter2')
  })

  it('do not mistake inherited names for fields', () => {
    expect(checkFields(form({}), { params: { constructor: 'x' }, defaults: {} }).ok).toBe(false)
  })
})
