import { Title } from '../../ui/title.tsx'

export function BrandingPage() {
  return <Title name="Branding" />
}
