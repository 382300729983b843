import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { SelectField } from '../../ui/select-field.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { timeQueryOf } from '../logs/log-filters.ts'
import { Moment } from '../logs/time-range-field.tsx'
import { useWorkplace } from '../shell/me.ts'
import { REPLAY_REFUSAL, type DeliveryFilters } from './deliveries-query.ts'
import { typeWords } from './delivery-words.ts'
import { replayMany } from './replay-many.ts'

const DAY_MS = 86_400_000
const number = new Intl.NumberFormat()

/** After an outage of the receiver: everything that was given up in a time is sent again. */
export function ReplayFailedButton({ filters }: { filters: DeliveryFilters }) {
  const { may } = useWorkplace()
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button unavailable={may('environment:webhooks:write') ? undefined : REPLAY_REFUSAL} onClick={() => setOpen(true)}>
        Send failed ones again
      </Button>
      {isOpen && <ReplayDialog filters={filters} onClose={() => setOpen(false)} />}
    </>
  )
}

function ReplayDialog({ filters, onClose }: { filters: DeliveryFilters; onClose: () => void }) {
  const queries = useQueryClient()
  const [times, setTimes] = useState(() => {
    const now = Date.now()
    const { from, to } = timeQueryOf(filters, now)
    return { from: from ?? new Date(now - DAY_MS).toISOString(), to: to ?? new Date(now).toISOString() }
  })
  const [type, setType] = useState(filters.type ?? '')
  const [progress, setProgress] = useState<readonly [replayed: number, remaining: number]>()
  const ending = useRef<AbortController>(undefined)
  const replay = useMutation({
    mutationFn: () => {
      ending.current = new AbortController()
      const wish = { ...times, ...(type === '' ? {} : { type }) }
      return replayMany(wish, (sent, left) => setProgress([sent, left]), ending.current.signal)
    },
    onMutate: () => setProgress(undefined),
    onSettled: () => queries.invalidateQueries({ queryKey: ['deliveries'] }),
  })
  const close = () => {
    ending.current?.abort()
    onClose()
  }
  const isWrong = times.from >= times.to
  return (
    <Dialog
      isOpen
      onClose={close}
      title="Send failed webhooks again"
      actions={
        <>
          <Button onClick={close}>{replay.data ? 'Done' : 'Cancel'}</Button>
          <Button
            look="primary"
            busy={replay.isPending}
            unavailable={isWrong ? 'The time ends before it begins.' : undefined}
            onClick={() => replay.mutate()}
          >
            Send them again
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4">
        <p>
          All webhooks that were given up and were made in this time are sent to the URL that holds now, each under its old{' '}
          <code className="font-mono text-sm">webhook-id</code>: a receiver that has seen one can drop it.
        </p>
        <div className="flex flex-wrap gap-3">
          <Moment label="From" value={times.from} onChange={(from) => from && setTimes({ ...times, from })} />
          <Moment label="To" value={times.to} onChange={(to) => to && setTimes({ ...times, to })} />
        </div>
        <SelectField
          id="replay-type"
          label="Type"
          value={type}
          onChange={setType}
          options={[
            { value: '', label: 'All types' },
            ...Object.entries(typeWords).map(([value, label]) => ({ value, label: `${label} (${value})` })),
          ]}
        />
        <ErrorNotice error={replay.error?.name === 'AbortError' ? null : replay.error} />
        <div role="status" className="min-h-6 text-sm text-soft">
          {replay.isPending &&
            (progress ? `${number.format(progress[0])} put in line, ${number.format(progress[1])} to go…` : 'Looking for them…')}
          {replay.data && (
            <Notice tone={replay.data.remaining > 0 ? 'warn' : 'good'}>
              {replay.data.replayed === 0
                ? 'None was given up in this time.'
                : replay.data.replayed === 1
                  ? 'One is on its way.'
                  : `${number.format(replay.data.replayed)} are on their way.`}
              {replay.data.remaining > 0 && ` ${number.format(replay.data.remaining)} are left: send again to go on.`}
            </Notice>
          )}
        </div>
      </div>
    </Dialog>
  )
}
