import { Button } from '../../ui/button.tsx'
import { CodeBlock } from '../../ui/code-block.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { LocalSteps } from './signing-key-panel.tsx'
import { localReceiver } from './verification-code.ts'

export function NoDeliveries({ isFiltered, onClear }: { isFiltered: boolean; onClear: () => void }) {
  if (isFiltered)
    return (
      <EmptyState title="No webhook fits these filters" actions={<Button onClick={onClear}>Show all webhooks</Button>}>
        <p>Webhooks of the last days are kept; older ones are dropped.</p>
      </EmptyState>
    )
  return (
    <EmptyState title="No webhook was sent yet">
      <p>
        When somebody connects an account, when a connection breaks or works again, this server posts it to your URL, tries again for three
        days if your server does not answer, and lists every attempt here. To see one on your own machine:
      </p>
      <LocalSteps />
      <CodeBlock label="receiver.mjs" text={localReceiver} />
    </EmptyState>
  )
}
