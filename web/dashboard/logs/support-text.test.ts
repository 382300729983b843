import { expect, it } from 'vitest'
import type { WholeOperation } from './operation-words.ts'
import { supportTextOf } from './support-text.ts'

const success: WholeOperation = {
  id: '0193f0a0-0000-7000-8000-000000000001',
  at: '2026-01-15T12:00:00.000Z',
  kind: 'refresh',
  action: 'refresh',
  outcome: 'success',
  status: 200,
  duration_ms: 140,
  integration: 'salesforce',
  connection_id: 'conn-1',
  end_user_id: null,
  actor: { kind: 'system', id: null },
  method: null,
  host: 'acme.my.salesforce.com',
  path: null,
  error: null,
  request_headers: {},
  response_headers: {},
  response_body: null,
  error_message: null,
  diagnosis: null,
  messages: [],
}

it('leaves out what is not known', () => {
  expect(supportTextOf(success, 'https://h/dashboard/logs/1')).toBe(`Token refresh: 200

Operation:   0193f0a0-0000-7000-8000-000000000001
At:          2026-01-15T12:00:00.000Z
Kind:        Refresh (refresh)
Took:        140 ms
Integration: salesforce
Connection:  conn-1
Host:        acme.my.salesforce.com
Page:        https://h/dashboard/logs/1
`)
})

it('carries error, diagnosis, steps and the answer of a failure', () => {
  const text = supportTextOf(
    {
      ...success,
      kind: 'call',
      action: 'proxy',
      outcome: 'failure',
      status: 404,
      method: 'GET',
      path: '/services/data',
      error: { code: 'NOT_FOUND', title: 'No such object' },
      error_message: 'The requested resource does not exist',
      diagnosis: {
        code: 'sf-not-found',
        class: 'config',
        actor: 'developer',
        transient: false,
        title: 'Nothing is there',
        cause: 'The path names no resource.',
        fix: ['Check the version.', 'Check the object.'],
        end_user_text: '',
        confidence: 'V',
        source: 'REST API Developer Guide',
        docs: null,
        evidence: {},
      },
      messages: [{ at: '2026-01-15T12:00:00.000Z', level: 'warn', text: 'Sent again' }],
      request_headers: { accept: 'application/json' },
      response_headers: { 'sforce-limit-info': 'api-usage=1/2' },
      response_body: '[{"errorCode":"NOT_FOUND"}]',
    },
    'x',
  )
  expect(text).toContain('GET /services/data: 404\n')
  expect(text).toContain('Error:       NOT_FOUND: No such object\nMessage:     The requested resource does not exist\n')
  expect(text).toContain(
    'Diagnosis: Nothing is there (sf-not-found)\nThe path names no resource.\n1. Check the version.\n2. Check the object.\n',
  )
  expect(text).toContain('Steps\n2026-01-15T12:00:00.000Z warn  Sent again\n')
  expect(text).toContain('Request headers\naccept: application/json\n\nResponse headers\nsforce-limit-info: api-usage=1/2\n')
  expect(text.endsWith('Response body (beginning)\n[{"errorCode":"NOT_FOUND"}]\n')).toBe(true)
})
