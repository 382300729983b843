import { Title } from '../../ui/title.tsx'

export function MembersPage() {
  return <Title name="Members" />
}
