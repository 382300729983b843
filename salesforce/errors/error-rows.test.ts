import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { scopeByName, salesforceScopes } from '../scopes.ts'
import type { ErrorMatch, ErrorRow } from './error-row.ts'
import { signInChecks } from './sign-in-checks.ts'
import {
  allErrorRows,
  diagnoseAuthorizeError,
  diagnoseDeployError,
  diagnoseRestError,
  diagnoseTokenError,
  errorRowById,
} from './find-diagnosis.ts'
import { diagnosePastedText } from './pasted/diagnose-pasted-text.ts'
import { guideRowById, guideRows } from './guide-rows.ts'
import { ownFindings } from './own-findings.ts'

const examples = allErrorRows.flatMap((row) => row.match.map((match) => ({ id: row.id, row, match })))

describe('every row', () => {
  it('has an id of its own that can be looked up', () => {
    const ids = allErrorRows.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    for (const row of allErrorRows) {
      expect(row.id).toMatch(/^[a-z]+(-[a-z]+)+$|^unauthorized$/)
      expect(errorRowById(row.id)).toBe(row)
    }
    expect(errorRowById('no-such-row')).toBeUndefined()
  })

  it.each(examples)('$id is found by its own example $match', ({ row, match }) => {
    expect(diagnoseExample(row, match)?.id).toBe(row.id)
  })

  it.each(allErrorRows.map((row) => [row.id, row] as const))('%s tells people what to do in whole sentences', (_, row) => {
    for (const text of [row.cause, ...row.fix, row.endUserText]) expect(text).toMatch(/^\S.*[.)]$/s)
    expect(row.title).toMatch(/^[A-Z].*[^.]$/)
    expect(row.endUserText.length).toBeLessThan(200)
    expectPlain(row)
    // No row may carry anything that looks like a credential.
    expect(JSON.stringify(row)).not.toMatch(/3MVG9|5Aep|00D\w{12}|[A-F0-9]{32}/)
  })

  it('breaks a connection only for a reason that stays', () => {
    for (const row of allErrorRows.filter(({ permanent }) => permanent)) {
      expect(row.where).toBe('token')
      expect(['reconnect', 'config']).toContain(row.class)
    }
    for (const row of allErrorRows.filter((row) => row.where === 'token' && row.class === 'reconnect')) expect(row.permanent).toBe(true)
  })

  it('lets a refresh happen only for an expired session', () => {
    expect(allErrorRows.filter(({ refreshable }) => refreshable).map(({ id }) => id)).toEqual(['session-expired', 'bad-oauth-token'])
  })
})

describe('what our own checks say', () => {
  it.each([...Object.values(signInChecks), ...ownFindings].map((row) => [row.id, row] as const))(
    '%s is plain and whole sentences',
    (id, row) => {
      expect(id).toMatch(/^[a-z]+(-[a-z]+)+$/)
      expect(errorRowById(id)).toBeUndefined()
      for (const text of [row.cause, ...row.fix, row.endUserText]) expect(text).toMatch(/^\S.*[.)]$/s)
      expectPlain(row)
    },
  )
})

describe('docs/salesforce-unverified.md', () => {
  const page = readFileSync(new URL('../../docs/salesforce-unverified.md', import.meta.url), 'utf8')
  const named = new Set([...page.matchAll(/`([a-z_-]+)`/g)].map(([, id]) => id))

  it('lists every row that no source verifies', () => {
    const unsure = guideRows.filter(({ confidence }) => confidence !== 'V').map(({ id }) => id)
    const unknownScopes = salesforceScopes.filter(({ confidence }) => confidence === '?').map(({ scope }) => scope)
    expect(unsure.length).toBeGreaterThan(0)
    expect([...unsure, ...unknownScopes].filter((id) => !named.has(id))).toEqual([])
  })

  it('names no row that is verified or gone', () => {
    const table = /<!-- rows -->([\s\S]*?)<!-- \/rows -->/.exec(page)?.[1] ?? ''
    const listed = [...table.matchAll(/^\| `([a-z-]+)` \|/gm)].map(([, id]) => id ?? '')
    expect(listed.length).toBeGreaterThan(0)
    expect(listed.filter((id) => (guideRowById(id)?.confidence ?? 'V') === 'V')).toEqual([])
    expect(scopeByName('sfap_api')?.confidence).toBe('?')
  })
})

// Texts are about people of any gender; what the end user reads is neither Markdown nor a promise that only holds for a refresh.
function expectPlain({ title, cause, fix, endUserText }: Omit<ErrorRow, 'match'>): void {
  expect([title, cause, ...fix, endUserText].join(' ')).not.toMatch(/\b(he|him|his|she|her|hers)\b/i)
  expect(endUserText).not.toMatch(/[`*_]|\bby ourselves\b/)
}

function diagnoseExample({ where }: ErrorRow, match: ErrorMatch): ErrorRow | undefined {
  const { error, description, body, errorCode, status } = match
  switch (where) {
    case 'authorize':
      return diagnoseAuthorizeError({ error, error_description: description })
    case 'page':
      return error === undefined
        ? diagnosePastedText(`Login History: ${description}! Or contact your Salesforce administrator.`)?.row
        : diagnoseAuthorizeError({ error, error_description: description })
    case 'token':
      return diagnoseTokenError({ status: status ?? (body ? 404 : 400), error, error_description: description, bodyText: body })
    case 'deploy':
      return diagnoseDeployError(`Error  Acme_Sync  ${description ?? errorCode}: x`)
    case 'setup':
    case 'check':
      return diagnosePastedText(`It says: ${description}.`)?.row
    case 'rest': {
      if (body !== undefined) return diagnoseRestError({ status: status ?? 403, contentType: 'text/html', body })
      const code = errorCode?.endsWith('_') ? `${errorCode}X` : errorCode
      const json =
        code === undefined && description === undefined ? '<p>x</p>' : JSON.stringify([{ errorCode: code, message: description }])
      return diagnoseRestError({ status: status ?? 400, contentType: 'application/json', body: json })
    }
  }
}
