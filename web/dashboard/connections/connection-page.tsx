import { Title } from '../../ui/title.tsx'

export function ConnectionPage() {
  return <Title name="Connection" />
}
