import { Title } from '../../ui/title.tsx'

export function OperationPage() {
  return <Title name="Operation" />
}
