import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Panel } from '../../ui/panel.tsx'
import { apiBase } from '../api/call.ts'
import { ApiError } from '../api/api-error.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import { AnswerView } from './answer-view.tsx'
import type { Connection, ConnectionAddress } from './connection-query.ts'
import { asCurl, asNode } from './request-as-code.ts'
import { headersFrom, pathProblem, PLAIN_EXAMPLE, salesforceExamples, type RequestDraft } from './request-examples.ts'
import { RequestFields } from './request-fields.tsx'
import { sendRequest } from './send-request.ts'

function problemOf({ path, headers }: RequestDraft): string | undefined {
  try {
    headersFrom(headers)
  } catch (error) {
    return (error as Error).message
  }
  return pathProblem(path)
}

/** Calls the provider from the page, through the proxy, as the reader's product would. */
export function TryRequest({ address, connection }: { address: ConnectionAddress; connection: Connection }) {
  const { may } = useWorkplace()
  const examples = connection.org ? salesforceExamples(connection.org.api_versions?.newest) : [PLAIN_EXAMPLE]
  const [draft, setDraft] = useState<RequestDraft>(examples[0] ?? PLAIN_EXAMPLE)
  const aborter = useRef<AbortController>(undefined)
  useEffect(() => () => aborter.current?.abort(), [])
  const sent = useMutation({
    mutationFn: async () => {
      aborter.current = new AbortController()
      return sendRequest(address, draft, aborter.current.signal).catch((error: unknown) => {
        if (error instanceof ApiError) throw error
        const isGivenUp = aborter.current?.signal.aborted === true
        throw new ApiError(
          0,
          'not_sent',
          isGivenUp ? 'You gave up waiting.' : 'No answer came: the request could not be sent, or took too long.',
        )
      })
    },
  })
  const problem = problemOf(draft)
  const refusal =
    may('environment:connection_tokens:write') && may('environment:proxy') ? undefined : 'Your role may not call the provider.'
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <Panel title="Request" about="Goes through the proxy to the provider and acts on real data. The token is added on the way.">
        <form
          className="flex flex-col gap-4"
          onSubmit={(event) => {
            event.preventDefault()
            if (refusal === undefined && problem === undefined && !sent.isPending) sent.mutate()
          }}
        >
          <RequestFields draft={draft} examples={examples} onChange={setDraft} />
          <p aria-live="polite" className="text-sm text-bad empty:hidden">
            {problem}
          </p>
          <div className="flex flex-wrap items-center gap-2">
            <Button look="primary" type="submit" busy={sent.isPending} unavailable={refusal ?? problem}>
              Send
            </Button>
            {sent.isPending && <Button onClick={() => aborter.current?.abort()}>Give up</Button>}
            {problem === undefined && (
              <>
                <CopyButton size="normal" label="Copy as curl" value={asCurl(draft, address, apiBase)} />
                <CopyButton size="normal" label="Copy for @hawser/node" value={asNode(draft, address, apiBase)} />
              </>
            )}
          </div>
        </form>
      </Panel>
      <Panel title="Answer">
        <ErrorNotice error={sent.error} />
        <AnswerView answer={sent.data} isPending={sent.isPending} />
      </Panel>
    </div>
  )
}
