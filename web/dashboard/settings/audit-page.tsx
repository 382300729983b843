import { Title } from '../../ui/title.tsx'

export function AuditPage() {
  return <Title name="Audit" />
}
