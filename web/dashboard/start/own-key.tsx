import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Button } from '../../ui/button.tsx'
import { CopyLine } from '../../ui/copy-line.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SecretField } from '../../ui/secret-field.tsx'
import { call } from '../api/call.ts'
import { ErrorNotice } from '../api/error-notice.tsx'
import { presets } from '../settings/scope-words.ts'
import { useWorkplace } from '../shell/me.ts'

/** Fills the samples: a key that she has, or a new one. It stays in this page; nothing keeps it. */
export function OwnKey({ value, onChange }: { value: string; onChange: (key: string) => void }) {
  const { may } = useWorkplace()
  const queries = useQueryClient()
  const make = useMutation({
    mutationFn: () =>
      call('createApiKey', {
        body: { display_name: `getting started, ${new Date().toISOString().slice(0, 19)}`, scopes: presets[0]!.scopes.filter(may) },
      }),
    onSuccess: async ({ data }) => {
      onChange(data.secret)
      await queries.invalidateQueries({ queryKey: ['api-keys'] })
    },
  })
  if (make.data)
    return (
      <div className="flex flex-col gap-2">
        <div role="status">
          <Notice tone="warn">Your key, shown this once. It may do what a product’s server needs; it stands in the code below.</Notice>
        </div>
        <CopyLine value={make.data.data.secret} />
      </div>
    )
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-end gap-3">
        <div className="min-w-0 flex-1 basis-64">
          <SecretField
            id="start-key"
            label="Your API key"
            note="to fill it in below"
            placeholder="hws_…"
            value={value}
            onChange={(key) => onChange(key.trim())}
          />
        </div>
        <Button
          className="min-h-10.5"
          busy={make.isPending}
          unavailable={may('environment:api_keys:write') ? undefined : 'Your role makes no API keys.'}
          onClick={() => make.mutate()}
        >
          Make one
        </Button>
      </div>
      <ErrorNotice error={make.error} />
    </div>
  )
}
