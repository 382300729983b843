import { Title } from '../../ui/title.tsx'

export function StartPage() {
  return <Title name="Getting started" />
}
