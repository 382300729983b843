import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { Facts } from '../../ui/facts.tsx'
import { IdText } from '../../ui/id-text.tsx'
import { Panel } from '../../ui/panel.tsx'
import { actorWords, durationText, oneOfKind, type WholeOperation } from './operation-words.ts'

const AROUND_MS = 5 * 60_000
const link = 'text-link hover:underline'

/** Who, with what, for whom; each leads to where there is more. */
export function OperationFacts({ operation }: { operation: WholeOperation }) {
  const { id, kind, action, integration, connection_id: connection, end_user_id: user, actor, error } = operation
  return (
    <Panel title="About it">
      <Facts
        rows={rowsWithValue([
          ['Operation', <IdText key="id" value={id} name="operation’s id" />],
          ['Kind', `${oneOfKind[kind]} (${action})`],
          ['Took', durationText(operation.duration_ms)],
          ...(error
            ? ([
                [
                  'Error',
                  <span key="error">
                    <code className="font-mono">{error.code}</code> {operation.error_message ?? error.title}
                  </span>,
                ],
              ] as const)
            : []),
          [
            'Made by',
            actor.id === null ? (
              actorWords(actor)
            ) : (
              <span key="by">
                {actorWords(actor)} <code className="font-mono text-soft">{actor.id}</code>
              </span>
            ),
          ],
          [
            'Integration',
            integration && (
              <Link key="i" to="/integrations/$integration" params={{ integration }} className={link}>
                {integration}
              </Link>
            ),
          ],
          [
            'Connection',
            connection &&
              (integration ? (
                <Link key="c" to="/connections/$integration/$connection" params={{ integration, connection }} className={link}>
                  {connection}
                </Link>
              ) : (
                connection
              )),
          ],
          [
            'End user',
            user && (
              <Link key="u" to="/logs" search={{ endUser: user } as never} className={link}>
                {user}
              </Link>
            ),
          ],
          ['Around it', connection && <Around key="a" operation={operation} />],
        ])}
      />
    </Panel>
  )
}

type Row = readonly [name: string, value: ReactNode]

/** A refresh has no end user, a change no connection: what cannot be there is not missed. */
function rowsWithValue(rows: readonly Row[]): Row[] {
  return rows.filter(([, value]) => value !== null && value !== '')
}

/** The same connection, shortly before and after. */
function Around({ operation: { at, connection_id: connection } }: { operation: WholeOperation }) {
  const moment = Date.parse(at)
  const [from, to] = [moment - AROUND_MS, moment + AROUND_MS].map((time) => new Date(time).toISOString())
  return (
    <Link to="/logs" search={{ connection, from, to } as never} className={link}>
      What else this connection did within 5 minutes
    </Link>
  )
}
