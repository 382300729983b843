import { Title } from '../../ui/title.tsx'

export function IntegrationsPage() {
  return <Title name="Integrations" />
}
