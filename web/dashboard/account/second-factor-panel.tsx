import { useState } from 'react'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Panel } from '../../ui/panel.tsx'
import { EndSecondFactor } from './end-second-factor.tsx'
import { NewRecoveryCodes } from './new-recovery-codes.tsx'
import { SecondFactorSetup } from './second-factor-setup.tsx'

type Open = 'setup' | 'codes' | 'end'
const TITLES: Record<Open, string> = {
  setup: 'Set up an authenticator app',
  codes: 'New recovery codes',
  end: 'Switch the second step off',
}

export function SecondFactorPanel({ isOn, email }: { isOn: boolean; email: string }) {
  const [open, setOpen] = useState<Open>()
  const close = () => setOpen(undefined)
  return (
    <Panel
      title={
        <span className="flex flex-wrap items-center gap-2">
          Second step at the sign-in {isOn ? <Badge tone="good">On</Badge> : <Badge tone="warn">Off</Badge>}
        </span>
      }
      about="A code of an app on your phone, besides the password. Whoever learns your password still cannot sign in."
    >
      <div className="flex flex-wrap gap-2">
        {isOn ? (
          <>
            <Button onClick={() => setOpen('codes')}>New recovery codes</Button>
            <Button onClick={() => setOpen('end')}>Switch it off</Button>
          </>
        ) : (
          <Button look="primary" onClick={() => setOpen('setup')}>
            Set up an app
          </Button>
        )}
      </div>
      <Dialog isOpen={open !== undefined} onClose={close} title={open ? TITLES[open] : ''}>
        {open === 'setup' && <SecondFactorSetup email={email} onDone={close} />}
        {open === 'codes' && <NewRecoveryCodes email={email} onDone={close} />}
        {open === 'end' && <EndSecondFactor email={email} onDone={close} />}
      </Dialog>
    </Panel>
  )
}
