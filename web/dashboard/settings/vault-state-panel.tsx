import { Badge } from '../../ui/badge.tsx'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Panel } from '../../ui/panel.tsx'
import { TimeAgo } from '../../ui/time-ago.tsx'
import type { Reply } from '../api/call.ts'

export type VaultStatus = Reply<'getVault'>['data']

const STATES = { live: ['good', 'Live'], starting: ['info', 'Starting'], frozen: ['bad', 'Frozen'] } as const
const megabytes = new Intl.NumberFormat('en', { style: 'unit', unit: 'megabyte', maximumFractionDigits: 1 })
const MEGABYTE = 1_000_000

export function VaultStatePanel({ vault }: { vault: VaultStatus }) {
  const [tone, word] = STATES[vault.state]
  const { key, rotation, spool } = vault
  return (
    <Panel
      title={
        <span className="flex items-center gap-2">
          State <Badge tone={tone}>{word}</Badge>
        </span>
      }
    >
      {vault.words.length > 0 && (
        <Notice tone="bad" className="mb-4">
          <p className="font-medium">{vault.words[0]}</p>
          <ol className="mt-1 list-decimal pl-5">
            {vault.words.slice(1).map((step) => (
              <li key={step}>{step}</li>
            ))}
          </ol>
        </Notice>
      )}
      <Facts
        rows={[
          ['Key', <IdText key="key" value={key.id} name="key’s fingerprint" />],
          ['Kept in', key.kind === 'local' ? 'a file beside the server' : 'AWS KMS'],
          ...(key.kind === 'local' ? [['Copy of the file', <Copy key="copy" at={key.backed_up_at} />] as const] : []),
          ['Key of this environment', <Rotation key="rotation" rotation={rotation} />],
          [
            'New tokens',
            spool.waiting === 0 ? 'all in the database' : `${spool.waiting} wait on the server’s disk for the database to answer`,
          ],
          [
            'Audit journal',
            `${megabytes.format(vault.audit_journal.bytes / MEGABYTE)} of ${megabytes.format(vault.audit_journal.max_bytes / MEGABYTE)} in use`,
          ],
          ['Version', vault.version],
        ]}
      />
    </Panel>
  )
}

function Copy({ at }: { at: string | null }) {
  if (at !== null)
    return (
      <>
        kept; said so <TimeAgo at={at} />
      </>
    )
  return (
    <>
      <Badge tone="warn">Not confirmed</Badge> Nothing stored can be read without the file. Keep a copy elsewhere, then run{' '}
      <code className="font-mono">hawser doctor --key-is-backed-up</code>.
    </>
  )
}

function Rotation({ rotation }: { rotation: VaultStatus['rotation'] }) {
  const { step, generation, rewrapped, remaining, finished_at: finished } = rotation
  if (step === null) return <>generation {generation}, never changed</>
  if (step === 'finished')
    return (
      <>
        generation {generation}
        {finished !== null && (
          <>
            , changed <TimeAgo at={finished} />
          </>
        )}
      </>
    )
  return (
    <>
      being changed to generation {generation}: {rewrapped} secrets done, {remaining} to do
    </>
  )
}
