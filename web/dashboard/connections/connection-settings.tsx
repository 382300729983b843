import type { Connection, ConnectionAddress } from './connection-query.ts'
import { DeleteConnection } from './delete-connection.tsx'
import { EndUserForm } from './end-user-form.tsx'
import { FreezePanel } from './freeze-panel.tsx'
import { MetadataEditor } from './metadata-editor.tsx'
import { connectionStateQuery, useRefetchConnection } from './connection-query.ts'
import { useQuery } from '@tanstack/react-query'
import { useWorkplace } from '../shell/me.ts'
import { call } from '../api/call.ts'

export function ConnectionSettings({ address, connection }: { address: ConnectionAddress; connection: Connection }) {
  const { may } = useWorkplace()
  const { data: state } = useQuery(connectionStateQuery(address))
  const refetch = useRefetchConnection()
  const where = { params: { connectionId: address.connection }, query: { provider_config_key: address.integration } }
  const refusal = may('environment:connections:update') ? undefined : 'Your role may look at connections, not change them.'
  return (
    <div className="grid items-start gap-5 xl:grid-cols-2">
      <MetadataEditor address={address} metadata={connection.metadata} refusal={refusal} />
      <EndUserForm address={address} connection={connection} refusal={refusal} />
      <FreezePanel
        what="this connection"
        place={{ what: 'connection', integration: address.integration, connection_id: address.connection }}
        isFrozen={state === 'frozen'}
        refusal={refusal}
        freeze={(reason) => call('freezeConnection', { ...where, body: reason === undefined ? {} : { reason } })}
        unfreeze={() => call('unfreezeConnection', where)}
        onChanged={refetch}
      />
      <DeleteConnection address={address} />
    </div>
  )
}
