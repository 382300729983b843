/** What the data and identity APIs of any org show to a reading session. */
import { diagnoseRestError } from '@hawser/salesforce/errors/find-diagnosis.ts'
import { parseRestErrorBody } from '@hawser/salesforce/errors/rest-error-body.ts'
import type { Looked, LookRequest } from '../org-api.ts'
import { cannot, fails, pass, withoutNames, type Finding, type LiveCheck, type Subject } from './live-check.ts'

export const apiChecks: readonly LiveCheck[] = [
  {
    about: 'identity-request-refused',
    person: "Call /id/ with another org's or user's id, and without a token.",
    try: async (subject) => {
      const path = '/id/00D000000000000EAA/005000000000000AAA'
      const foreign = await expectRow(subject, 'identity-request-refused', { path, session: 'own' })
      return foreign.result === 'pass' ? foreign : expectRow(subject, 'identity-request-refused', { path, session: 'none' })
    },
  },
  {
    about: 'soap-refuses-jwt-token',
    person: 'Make a SOAP call with an access token in JWT form.',
  },
  {
    about: 'query-cursor-expired',
    person: 'Use a nextRecordsUrl after three days.',
    try: async (subject) => {
      const version = await subject.org.newestVersion()
      return expectRow(subject, 'query-cursor-expired', {
        path: `/services/data/v${version}/query/01g000000000000AAA-2000`,
        session: 'own',
      })
    },
  },
  {
    about: 'api-version-retired',
    person: 'Call /services/data/v30.0/ and note the status: 410 or 404.',
    try: (subject) => expectRow(subject, 'api-version-retired', { path: '/services/data/v30.0/', session: 'own' }),
  },
  {
    about: 'API versions 21 to 30 are retired',
    person: 'Call /services/data/v21.0/ to v31.0/.',
    try: async ({ org }) => {
      const statusOf = async (version: number): Promise<number> =>
        (await org.look({ path: `/services/data/v${version}.0/`, session: 'own', doing: `asking for API ${version}` })).status
      const seen: string[] = []
      for (const version of [21, 25, 30, 31]) seen.push(`${version}: ${await statusOf(version)}`)
      const fits = seen.slice(0, 3).every((one) => /: (404|410)$/.test(one)) && seen[3]!.endsWith(': 200')
      return (fits ? pass : fails)(`statuses by version: ${seen.join(', ')}`)
    },
  },
  {
    about: 'secrets-api-disabled',
    person: 'Call /apps/oauth/credentials/<app> with the setting "Allow access to External Client App consumer secrets via REST API" off.',
    try: async (subject) => {
      const version = await subject.org.newestVersion()
      const finding = await expectRow(subject, 'secrets-api-disabled', {
        path: `/services/data/v${version}/apps/oauth/credentials/Hawser_Live_Check`,
        session: 'own',
      })
      // With the setting on the answer is about an app that does not exist: that says nothing of the text for off.
      return finding.result === 'pass' ? finding : cannot(`the setting may be on: ${finding.saw}`)
    },
  },
  {
    about: 'An empty 401',
    person: 'Send a HEAD request with an ended session.',
    try: async ({ org }) => {
      const version = await org.newestVersion()
      const { status, body } = await org.look({
        path: `/services/data/v${version}/limits`,
        method: 'HEAD',
        session: 'invalid',
        doing: 'sending a HEAD request without a session',
      })
      return (status === 401 && body === '' ? pass : fails)(`HEAD with an invalid session: ${status}, ${body.length} characters`)
    },
  },
  {
    about: '`Organization` can be read by every API user',
    person: 'Query Organization as a user with the fewest permissions.',
    try: async ({ facts }) => pass(`read by this user; the org is of kind ${facts.kind}`),
  },
]

async function expectRow({ org }: Subject, row: string, request: Pick<LookRequest, 'path' | 'session'>): Promise<Finding> {
  const answer = await org.look({ ...request, doing: `trying ${row}` })
  const found = diagnoseRestError({ status: answer.status, contentType: answer.contentType, body: answer.body })
  return (found?.id === row ? pass : fails)(seen(answer, found?.id))
}

function seen({ status, contentType, body }: Looked, row: string | undefined): string {
  const [first] = parseRestErrorBody(body)
  const said = first
    ? `${first.errorCode ?? ''} ${first.message ?? ''}`
    : /\bhtml\b/i.test(contentType ?? '') && body.length > 512
      ? 'a page'
      : body
  return `${status} ${withoutNames(said)} (${row === undefined ? 'no row' : `row ${row}`})`.replace(/\s+/g, ' ')
}
