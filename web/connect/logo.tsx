import { root, type Integration } from './server.ts'

/** The provider's monogram, from this server: `logo` names the public address, which another name of the same server would not be allowed to load. */
export function Logo({ integration, className }: { integration: Integration; className: string }) {
  const path = new URL(integration.logo, root()).pathname.split('/images/')[1]
  return <img src={new URL(`images/${path}`, root()).href} alt="" width="36" height="36" className={`${className} shrink-0 rounded-lg`} />
}
