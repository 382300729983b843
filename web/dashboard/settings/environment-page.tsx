import { Title } from '../../ui/title.tsx'

export function EnvironmentPage() {
  return <Title name="Environment" />
}
