import { Title } from '../../ui/title.tsx'

export function OverviewPage() {
  return <Title name="Overview" />
}
