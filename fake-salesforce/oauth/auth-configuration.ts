import type { Incoming } from '../incoming.ts'
import { plainPage } from '../pages/error-page.ts'
import { html, json, type Reply } from '../reply.ts'
import type { State } from '../state.ts'

/**
 * `GET /.well-known/auth-configuration`: what a My Domain host says about logging in, without any session; it names the org behind the host
 * (Salesforce Help, "Query SAML Authentication Settings"). The generic hosts have none.
 */
export function authConfiguration(state: State, incoming: Incoming): Reply {
  const { site } = incoming
  if (site.org === null || site.role !== 'org' || !site.org.authConfiguration) {
    return html(404, plainPage(state, 'URL No Longer Exists', 'You have attempted to reach a URL that no longer exists.'))
  }
  return json(200, {
    OrgId: site.org.orgId.slice(0, 15),
    Url: site.origin,
    MobileSDK: { UseAndroidNativeBrowserForAuthentication: false, UseiOSNativeBrowserForAuthentication: false },
    LoginPage: null,
    LoginPageTypeSettings: null,
    SelfRegistrationPage: null,
    DefaultProfileForRegistration: null,
    ForgotPasswordPage: null,
    UserProfileSettings: null,
    SamlProviders: [],
    AuthProviders: [],
    CertificateLogin: null,
  })
}
