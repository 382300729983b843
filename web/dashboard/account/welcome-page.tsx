import { Title } from '../../ui/title.tsx'

export function WelcomePage() {
  return <Title name="Welcome" />
}
