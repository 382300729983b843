import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { inputStyle } from '../../ui/field.tsx'
import { Panel } from '../../ui/panel.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useRefetchConnection, type Connection, type ConnectionAddress } from './connection-query.ts'
import { jsonProblem } from './json-problem.ts'

interface MetadataEditorProps {
  address: ConnectionAddress
  metadata: Connection['metadata']
  refusal: string | undefined
}

const shownAs = (metadata: Connection['metadata']) => JSON.stringify(metadata ?? {}, null, 2)

/** What is wrong with the text; undefined: it can be saved. */
function problemOf(text: string): string | undefined {
  const problem = jsonProblem(text)
  if (problem) return `Line ${problem.line}, column ${problem.column}: ${problem.message}`
  const value = JSON.parse(text) as unknown
  return value === null || typeof value !== 'object' || Array.isArray(value)
    ? 'Metadata is an object: it begins with { and ends with }.'
    : undefined
}

export function MetadataEditor({ address, metadata, refusal }: MetadataEditorProps) {
  const refetch = useRefetchConnection()
  const [edited, setEdited] = useState<string>()
  const text = edited ?? shownAs(metadata)
  const problem = edited === undefined ? undefined : problemOf(edited)
  const saved = useMutation({
    mutationFn: () =>
      call('setMetadata', {
        body: {
          connection_id: address.connection,
          provider_config_key: address.integration,
          metadata: JSON.parse(text) as Record<string, unknown>,
        },
      }),
    onSuccess: async () => {
      await refetch()
      setEdited(undefined)
    },
  })
  const isChanged = edited !== undefined && edited !== shownAs(metadata)
  return (
    <Panel
      title="Metadata"
      about="JSON that your code reads with the connection, such as settings of this customer. Hawser does not look at it."
    >
      <div className="flex flex-col gap-3">
        <label htmlFor="metadata" className="sr-only">
          Metadata as JSON
        </label>
        <textarea
          id="metadata"
          rows={10}
          spellCheck={false}
          readOnly={refusal !== undefined}
          value={text}
          aria-invalid={problem !== undefined || undefined}
          aria-describedby="metadata-problem"
          className={`${inputStyle} font-mono text-sm`}
          onChange={(event) => setEdited(event.target.value)}
        />
        <p id="metadata-problem" aria-live="polite" className="min-h-5 text-sm text-bad">
          {problem}
        </p>
        <ErrorNotice error={saved.error} />
        <div className="flex flex-wrap items-center gap-2">
          <Button
            look="primary"
            busy={saved.isPending}
            unavailable={refusal ?? (problem ? 'Mend the JSON first.' : isChanged ? undefined : 'Nothing was changed.')}
            onClick={() => saved.mutate()}
          >
            Save the metadata
          </Button>
          {isChanged && (
            <Button look="quiet" onClick={() => setEdited(undefined)}>
              Undo
            </Button>
          )}
          <span role="status" className="text-sm text-good">
            {saved.isSuccess && !isChanged && 'Saved.'}
          </span>
        </div>
      </div>
    </Panel>
  )
}
