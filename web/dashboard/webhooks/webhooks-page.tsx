import { Title } from '../../ui/title.tsx'

export function WebhooksPage() {
  return <Title name="Webhooks" />
}
