import type { FastifyInstance } from 'fastify'
import type { KeyObject } from 'node:crypto'
import * as routes from '@hawser/api/people.ts'
import { reveal } from '#lib/secret.ts'
import { handler, type Handler } from '#http/handler.ts'
import type { PeopleOptions } from '#http/authenticate.ts'
import type { Kit } from '../kit.ts'
import { createAttempts } from './attempts.ts'
import { createMemberCallers } from './callers.ts'
import { changePasswordHandler, confirmIdentityHandler } from './confirm.ts'
import { createInvitationHandler, deleteInvitationHandler, listInvitationsHandler } from './invitations.ts'
import * as me from './me.ts'
import { createPasswordLinkHandler, deletePersonHandler, listPeopleHandler, updatePersonHandler } from './members.ts'
import { firstOwnerLink } from './owner-link.ts'
import type { PeopleDeps } from './people-deps.ts'
import { hasOwner } from './person-store.ts'
import { createPersonTrail, type RecordChange } from './person-trail.ts'
import * as factor from './second-factor.ts'
import { deleteWhatIsOver } from './session-store.ts'
import { enterSecondFactorHandler, signInHandler, signOutHandler } from './sign-in.ts'
import type { SignInLibrary } from './sign-in-library.ts'
import { registerSso, SSO_PATH, type SsoSettings } from './sso.ts'
import { acceptInvitationHandler, readLinkHandler, setPasswordHandler, welcomeOwnerHandler } from './use-links.ts'

export interface People {
  handlers: Handler[]
  /** For the authenticator. */
  options: PeopleOptions
  /** The redirects of the single sign-on, where one is set up. */
  register(app: FastifyInstance): void
  /** For the banner; undefined once there is an owner. */
  firstOwnerLink(): Promise<string | undefined>
  /** Deletes sessions, links and codes that are over. */
  cleanUp(): Promise<void>
}

export interface PeopleParts {
  /** Derived from the installation's secret for this purpose. */
  key: KeyObject
  recordChange: RecordChange
  makeEnvironment: PeopleDeps['makeEnvironment']
}

export function createPeople(kit: Kit, { key, recordChange, makeEnvironment }: PeopleParts): People {
  const { config, clock } = kit
  const secret = key.export().toString('base64url')
  const callers = createMemberCallers(kit, secret)
  let opened: Promise<SignInLibrary> | undefined
  const deps: PeopleDeps = {
    kit,
    callers,
    attempts: createAttempts(clock),
    trail: createPersonTrail(clock, recordChange),
    makeEnvironment,
    library: () =>
      (opened ??= import('./sign-in-library.ts').then(({ openSignInLibrary }) =>
        openSignInLibrary({ db: kit.db.kysely, secret, publicUrl: config.publicUrl, clock, log: kit.log }),
      )),
  }
  const sso = ssoSettings(kit)
  return {
    options: { origin: config.publicUrl, findMember: callers.of },
    register(app) {
      if (sso) registerSso(app, deps, sso, secret)
    },
    firstOwnerLink: () => firstOwnerLink(kit.db.kysely, config.publicUrl, clock.now(), recordChange),
    cleanUp: () => deleteWhatIsOver(kit.db.kysely),
    handlers: [
      handler(routes.getSignInWays, async () => ({
        data: {
          has_owner: await hasOwner(kit.db.kysely),
          password: true,
          sso: sso ? { url: `${config.publicUrl}${SSO_PATH}`, name: config.oidcName } : null,
        },
      })),
      signInHandler(deps),
      enterSecondFactorHandler(deps),
      signOutHandler(deps),
      readLinkHandler(deps),
      welcomeOwnerHandler(deps),
      acceptInvitationHandler(deps),
      setPasswordHandler(deps),
      confirmIdentityHandler(deps),
      changePasswordHandler(deps),
      factor.beginSecondFactorHandler(deps),
      factor.finishSecondFactorHandler(deps, secret),
      factor.endSecondFactorHandler(deps),
      factor.renewRecoveryCodesHandler(deps),
      me.getMeHandler(deps),
      me.updateMeHandler(deps),
      me.listSessionsHandler(deps),
      me.deleteSessionHandler(deps),
      me.deleteSessionsHandler(deps),
      me.listEnvironmentsHandler(deps),
      me.createEnvironmentHandler(deps),
      listPeopleHandler(deps),
      updatePersonHandler(deps),
      deletePersonHandler(deps),
      createPasswordLinkHandler(deps),
      listInvitationsHandler(deps),
      createInvitationHandler(deps),
      deleteInvitationHandler(deps),
    ],
  }
}

function ssoSettings({ config }: Kit): SsoSettings | undefined {
  const { oidcIssuer: issuer, oidcClientId: clientId, oidcClientSecret, oidcDomains: domains, oidcDomainRole: domainRole } = config
  if (issuer === undefined || clientId === undefined || oidcClientSecret === undefined) return undefined
  return { issuer, clientId, clientSecret: reveal(oidcClientSecret), domains, domainRole }
}
