import { Title } from '../../ui/title.tsx'

export function CataloguePage() {
  return <Title name="Add an integration" />
}
