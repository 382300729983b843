import { Title } from '../../ui/title.tsx'

export function AccountPage() {
  return <Title name="Your account" />
}
