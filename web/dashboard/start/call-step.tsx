import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/text-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { AnswerView } from '../connections/answer-view.tsx'
import { pathProblem } from '../connections/request-examples.ts'
import { sendRequest } from '../connections/send-request.ts'
import { isSalesforce, providersQuery, type Integration } from '../integrations/integrations-query.ts'
import { useWorkplace } from '../shell/me.ts'
import { firstPath } from './code-samples.ts'
import { Step } from './step.tsx'
import type { StartConnection } from './use-first-connection.ts'

interface CallStepProps {
  isCurrent: boolean
  integration: Integration | undefined
  connection: StartConnection | undefined
  isDone: boolean
  onCalled: () => void
}

export function CallStep({ isCurrent, integration, connection, isDone, onCalled }: CallStepProps) {
  const { may } = useWorkplace()
  const providers = useQuery(providersQuery)
  const provider = providers.data?.find(({ name }) => name === integration?.provider)
  const [typed, setPath] = useState<string>()
  const path = typed ?? firstPath(isSalesforce(provider))
  const send = useMutation({
    mutationFn: () =>
      sendRequest(
        { integration: integration?.unique_key ?? '', connection: connection?.connection_id ?? '' },
        { method: 'GET', path, headers: '', body: '' },
        new AbortController().signal,
      ),
    onSuccess: ({ status }) => status < 400 && onCalled(),
  })
  const problem = pathProblem(path)
  const refusal =
    may('environment:connection_tokens:write') && may('environment:proxy') ? problem : 'Your role may look, not call providers.'
  return (
    <Step
      number={3}
      title="Call the API"
      isDone={isDone}
      isCurrent={isCurrent}
      waitsFor={connection ? undefined : 'Needs a connection first.'}
    >
      <p>
        The server adds the access token and the org’s address, and renews the token when it has to. You name the connection and the path.
      </p>
      <form
        className="flex flex-col gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (refusal === undefined && !send.isPending) send.mutate()
        }}
      >
        <TextField
          id="start-path"
          label="Path"
          prefix="GET"
          className="font-mono text-sm!"
          error={problem}
          value={path}
          onChange={setPath}
        />
        <div>
          <Button look={isDone ? 'plain' : 'primary'} type="submit" busy={send.isPending} unavailable={refusal}>
            Call it
          </Button>
        </div>
      </form>
      <ErrorNotice error={send.error} />
      {(send.isPending || send.data) && <AnswerView answer={send.data} isPending={send.isPending} />}
    </Step>
  )
}
