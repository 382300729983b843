import { CodeBlock } from '../../ui/code-block.tsx'
import { Panel } from '../../ui/panel.tsx'
import { isRequest, type WholeOperation } from './operation-words.ts'

/** What was sent and answered, as far as it is kept. */
export function OperationExchange({ operation }: { operation: WholeOperation }) {
  const { request_headers: sent, response_headers: answered, response_body: body, method, host, path, status, outcome } = operation
  if (!isRequest(operation)) return null
  const about =
    outcome === 'failure'
      ? 'Secrets are replaced before anything is stored; only harmless headers are kept, and the first 2 KiB of a JSON answer.'
      : 'Headers and bodies are kept of failures only.'
  return (
    <Panel title="Request and answer" about={about}>
      <div className="grid gap-4 xl:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-2">
          <h3 className="text-sm font-medium">Request</h3>
          <CodeBlock
            label="Sent"
            text={[`${method ?? 'POST'} ${host === null ? '' : `https://${host}`}${path ?? ''}`, ...headerLines(sent)].join('\n')}
          />
        </div>
        <div className="flex min-w-0 flex-col gap-2">
          <h3 className="text-sm font-medium">Answer</h3>
          <CodeBlock
            label={status === null ? 'None' : `Status ${status}`}
            text={[status === null ? 'No answer came.' : `HTTP ${status}`, ...headerLines(answered)].join('\n')}
          />
          {body !== null && <CodeBlock label="Body (its beginning)" text={indented(body)} />}
        </div>
      </div>
    </Panel>
  )
}

function headerLines(headers: Record<string, string>): string[] {
  return Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
}

/** The text itself where it is no whole JSON: the rest was cut off. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
