import { Title } from '../../ui/title.tsx'

export function VaultPage() {
  return <Title name="Vault" />
}
