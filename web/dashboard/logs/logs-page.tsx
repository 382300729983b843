import { Title } from '../../ui/title.tsx'

export function LogsPage() {
  return <Title name="Logs" />
}
