import { useMutation } from '@tanstack/react-query'
import { useRef, useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { CopyButton } from '../../ui/copy-button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Notice } from '../../ui/notice.tsx'
import { ErrorNotice } from '../api/error-notice.tsx'
import { useWorkplace } from '../shell/me.ts'
import type { IssueFilters } from './issues-query.ts'
import { makeReconnectLinks, MOST_LINKS, type ReconnectLinks } from './reconnect-links.ts'
import { saveFile } from './save-file.ts'

/** Links for all that the filters show and a new sign-in ends, as a table to mail from. */
export function ReconnectLinksButton({ filters }: { filters: IssueFilters }) {
  const { may } = useWorkplace()
  const [isOpen, setOpen] = useState(false)
  const [progress, setProgress] = useState<readonly [made: number, total: number]>()
  const ending = useRef<AbortController>(undefined)
  const made = useMutation({
    mutationFn: () => {
      ending.current = new AbortController()
      return makeReconnectLinks(filters, (done, total) => setProgress([done, total]), ending.current.signal)
    },
    onMutate: () => setProgress(undefined),
  })
  const close = () => {
    ending.current?.abort()
    setOpen(false)
    made.reset()
  }
  return (
    <>
      <Button
        unavailable={may('environment:connect_sessions:write') ? undefined : 'Your role may look at issues, not make reconnect links.'}
        onClick={() => setOpen(true)}
      >
        Reconnect links as CSV
      </Button>
      <Dialog
        isOpen={isOpen}
        onClose={close}
        title="Reconnect links for these issues"
        actions={
          made.data ? (
            <Button onClick={close}>Done</Button>
          ) : (
            <>
              <Button onClick={close}>Cancel</Button>
              <Button look="primary" busy={made.isPending} onClick={() => made.mutate()}>
                Make the links
              </Button>
            </>
          )
        }
      >
        <div className="flex flex-col gap-3">
          <p>
            Makes one link for each connection with an open issue that its user can end, as the filters of this page choose them; up to{' '}
            {MOST_LINKS}. Each link ends after 30 minutes, and whoever has it can use it: make them right before you send them.
          </p>
          <ErrorNotice error={made.error?.name === 'AbortError' ? null : made.error} />
          <p role="status" className="min-h-6 text-sm text-soft">
            {made.isPending && (progress ? `${progress[0]} of ${progress[1]} links made…` : 'Looking for the issues…')}
          </p>
          {made.data && <Outcome links={made.data} />}
        </div>
      </Dialog>
    </>
  )
}

function Outcome({ links: { csv, made, failed, isCut } }: { links: ReconnectLinks }) {
  if (made === 0) return <Notice>None of these issues can be ended by a new sign-in.</Notice>
  return (
    <>
      <Notice tone={failed > 0 || isCut ? 'warn' : 'good'}>
        {made === 1 ? 'One link is ready.' : `${made} links are ready.`}
        {failed > 0 && ` ${failed} could not be made; try again later.`}
        {isCut && ' There are more connections: narrow the filters, or come back when these have reconnected.'}
      </Notice>
      <div className="flex flex-wrap gap-2">
        <CopyButton size="normal" label="Copy as CSV" value={csv} />
        <Button onClick={() => saveFile('reconnect-links.csv', 'text/csv', csv)}>Save as a file</Button>
      </div>
    </>
  )
}
