import { Title } from '../../ui/title.tsx'

export function SignInPage() {
  return <Title name="Sign in" />
}
