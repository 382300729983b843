import { useNavigate, useSearch } from '@tanstack/react-router'
import { Tabs } from '../../ui/tabs.tsx'
import { ApiKeysPart } from './api-keys-part.tsx'
import { ConnectionTokensPart } from './connection-tokens-part.tsx'
import { SettingsFrame } from './settings-frame.tsx'
import { SigningKeysPart } from './signing-keys-part.tsx'

const TABS = [
  { value: 'api', label: 'API keys', content: () => <ApiKeysPart /> },
  { value: 'tokens', label: 'Connection tokens', content: () => <ConnectionTokensPart /> },
  { value: 'signing', label: 'Signing keys', content: () => <SigningKeysPart /> },
] as const

export function KeysPage() {
  const search: Record<string, unknown> = useSearch({ strict: false })
  const navigate = useNavigate()
  const chosen = TABS.find(({ value }) => value === search['tab'])?.value ?? 'api'
  return (
    <SettingsFrame name="Keys and tokens" about="What programs show to be let in. People sign in instead, and need none of these.">
      <Tabs
        label="Kinds of keys"
        value={chosen}
        onChange={(tab) => void navigate({ to: '/settings/keys', search: tab === 'api' ? {} : { tab } })}
        tabs={TABS}
      />
    </SettingsFrame>
  )
}
