import { Title } from '../../ui/title.tsx'

export function IntegrationPage() {
  return <Title name="Integration" />
}
