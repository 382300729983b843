import { Title } from '../../ui/title.tsx'

export function KeysPage() {
  return <Title name="API keys" />
}
