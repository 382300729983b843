import { Link } from '@tanstack/react-router'
import { Panel } from '../../ui/panel.tsx'
import { SigningKeyLine } from '../webhooks/signing-key-line.tsx'

export function WebhookKeyPanel() {
  return (
    <Panel
      title="Webhook signing key"
      about="Every webhook is signed with it, so that your server can tell them from somebody else’s. Each look at it is written to the audit trail."
    >
      <SigningKeyLine />
      <p className="pt-3 text-sm">
        <Link to="/webhooks" search={{ tab: 'receive' } as never} className="text-link underline">
          Code that checks webhooks with it
        </Link>
      </p>
    </Panel>
  )
}
