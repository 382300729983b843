import { Title } from '../../ui/title.tsx'

export function InvitationPage() {
  return <Title name="Invitation" />
}
