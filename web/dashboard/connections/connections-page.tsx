import { Title } from '../../ui/title.tsx'

export function ConnectionsPage() {
  return <Title name="Connections" />
}
