import { useState } from 'react'
import { CodeBlock } from '../../ui/code-block.tsx'
import { Panel } from '../../ui/panel.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { SigningKeyLine } from './signing-key-line.tsx'
import { localReceiver, withNodeAlone, withSdk } from './verification-code.ts'

const CODES = {
  sdk: ['With @hawser/node', withSdk],
  node: ['Plain Node', withNodeAlone],
  local: ['On your machine', localReceiver],
} as const
type Code = keyof typeof CODES

/** The key, and what to do with it. */
export function SigningKeyPanel() {
  const [code, setCode] = useState<Code>('sdk')
  return (
    <Panel
      title="Signing key"
      about="Every webhook is signed with it, so that your server can tell them from somebody else’s. Keep it where you keep passwords. Each look at it is written to the audit trail."
    >
      <div className="mb-4">
        <SigningKeyLine />
      </div>
      <Tabs<Code>
        label="How to receive webhooks"
        value={code}
        onChange={setCode}
        tabs={Object.entries(CODES).map(([value, [label, text]]) => ({
          value: value as Code,
          label,
          content: () => (
            <div className="flex flex-col gap-3">
              {value === 'local' && <LocalSteps />}
              <CodeBlock label={label} text={text} />
            </div>
          ),
        }))}
      />
    </Panel>
  )
}

/** Calls into private networks are refused unless an operator names the host. */
export function LocalSteps() {
  return (
    <ol className="list-decimal space-y-1 pl-5 text-sm wrap-anywhere">
      <li>
        Start the program below: <code className="font-mono">node receiver.mjs</code>
      </li>
      <li>
        Start this server with <code className="font-mono">HAWSER_TRUSTED_HOSTS=localhost:4000</code>; without it, addresses of private
        networks are refused.
      </li>
      <li>
        Set the URL to <code className="font-mono">http://localhost:4000/hawser</code> and send a test.
      </li>
    </ol>
  )
}
