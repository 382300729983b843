import { Title } from '../../ui/title.tsx'

export function IssuesPage() {
  return <Title name="Issues" />
}
